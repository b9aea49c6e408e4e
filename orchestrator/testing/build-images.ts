import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@orca/daemon';
import { type ClaimedBuild, claimBuild, type Database, installationId, requestImage } from '@orca/database';
import { cloneDatabase } from '@orca/database/testing';
import { connectEngine, type Engine, engineInfo, listImages, removeImage } from '@orca/docker';
import { IMAGE_INSTALLATION_LABEL, smokeRun } from '@orca/grading';
import { type BuildGroup, openBuildGroup } from '../image-builder/build-group.ts';
import { type ImageStore, openImageStore } from '../image-builder/image-store.ts';
import { type RunDeps, type RunOptions, runBuild } from '../image-builder/run-build.ts';

// biome-ignore lint/style/noProcessEnv: tests run on the engine that everything else is told to use, too
const DOCKER_HOST = process.env['DOCKER_HOST'];

/** A builder of a test's own: database, store and installation are nobody else's; the engine is that of the machine. */
export interface TestBuilder extends AsyncDisposable {
  readonly db: Database;
  readonly engine: Engine;
  readonly store: ImageStore;
  readonly folder: string;
  readonly installation: string;
  /** Where its RUNs are put, with at most {@link TEST_PROCESSES_MAX} processes. */
  readonly group: BuildGroup;
  readonly deps: RunDeps;
  /** What it logged so far. */
  log(): string;
  /** Asks for an image as a client does; returns its SHA-256. */
  ask(dockerfile: string): Promise<string>;
  /** Claims what is due. */
  claim(): Promise<ClaimedBuild>;
  /** Asks for an image and builds it to its end. */
  build(dockerfile: string, options?: Partial<RunOptions>): Promise<string>;
  run(build: ClaimedBuild, options?: Partial<RunOptions>, signal?: AbortSignal): Promise<void>;
  /** The names under which the engine has images of this installation. */
  listTags(): Promise<string[]>;
}

const GIB = 1024 ** 3;
export const TEST_PROCESSES_MAX = 200;
export const TEST_RESPONSE_URL = 'https://course.example.edu/images/1';

/** Makes one; disposing of it removes all that it made from the engine, too. */
export async function openTestBuilder(): Promise<TestBuilder> {
  await using opened = new AsyncDisposableStack();
  const { db } = opened.use(await cloneDatabase());
  const folder = await mkdtemp(join(tmpdir(), 'orca-images-test-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const engine = await connectEngine(DOCKER_HOST);
  const installation = await installationId(db);
  const own = { [IMAGE_INSTALLATION_LABEL]: installation };
  opened.defer(async () => {
    for (const image of await listImages(engine, { labels: own }))
      for (const name of [...image.tags, image.id]) await removeImage(engine, name);
  });
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLogger({ name: 'test', level: 'debug', pretty: false }, { write });
  const builderId = 'builder-of-a-test';
  const setup = { engine, installationId: installation, workerId: builderId };
  const onLeftover = (name: string): void => assert.fail(`the container "${name}" was left`);
  const store = await openImageStore(folder);
  const isEngineHere = DOCKER_HOST?.startsWith('unix://') ?? true;
  const limits = { builderId: randomUUID(), processesMax: TEST_PROCESSES_MAX, isEngineHere };
  const group = opened.use(await openBuildGroup(await engineInfo(engine), limits));
  const deps: RunDeps = {
    ...{ db, log, engine, store },
    cgroupParent: group.parent,
    smokeRun: (images, signal) => smokeRun(images, { ...setup, onLeftover }, signal),
  };
  const options: RunOptions = {
    installationId: installation,
    networkMode: 'none',
    allowRemoteAdd: false,
    buildSeconds: 120,
    memoryMb: 512,
    cpus: 1,
    imageBytesMax: 4 * GIB,
    leaseSeconds: 60,
    aroundSeconds: 600,
  };
  const ask = async (dockerfile: string): Promise<string> => {
    const sha = createHash('sha256').update(dockerfile).digest('hex');
    const recipient = { client: 'course.example.edu', responseUrl: TEST_RESPONSE_URL };
    await requestImage(db, { sha, dockerfile, recipient, askedBy: recipient.client });
    return sha;
  };
  const claim = async (): Promise<ClaimedBuild> => {
    const build = await claimBuild(db, { builderId, leaseSeconds: 60 });
    assert.ok(build !== null, 'nothing is to be built');
    return build;
  };
  const run: TestBuilder['run'] = (build, changes = {}, signal = new AbortController().signal) =>
    runBuild(build, { ...options, ...changes }, deps, signal);
  const stack = opened.move();
  return {
    ...{ db, engine, store, folder, installation, group, deps, ask, claim, run },
    log: () => lines.join(''),
    async build(dockerfile, changes) {
      const sha = await ask(dockerfile);
      await run(await claim(), changes);
      return sha;
    },
    async listTags() {
      return (await listImages(engine, { labels: own })).flatMap(({ tags }) => tags);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
