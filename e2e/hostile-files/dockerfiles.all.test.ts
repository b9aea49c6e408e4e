import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { containersOf } from '../kit/containers.ts';
import type { Received } from '../kit/fake-client.ts';
import { imagesOf, removeUnnamed } from '../kit/images.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca, type TestOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { BUILDING_ROWS, EXHAUSTING_ROWS, SECRET } from './dockerfiles/building-rows.ts';
import { BASE, type DockerfileRow, type Expectation } from './dockerfiles/dockerfile-row.ts';
import { READING_ROWS } from './dockerfiles/reading-rows.ts';

const SETTINGS = {
  ORCA_BUILD_NETWORK: 'none',
  ORCA_POLL_SECONDS: '1',
  ORCA_BUILD_MEMORY_MB: '128',
  ORCA_BUILD_SECONDS: '120',
  ORCA_CONCURRENCY: '2',
};
/** Of a builder whose rows must end soon. */
const TIGHT = { ORCA_BUILD_SECONDS: '15', ORCA_IMAGE_MB_MAX: '64', ORCA_BUILD_PIDS: '64' };
const BUILD_MS = 600_000;
/** By which a builder knows its store. */
const STORE_MARK = 'orca-image-store';
/** What a client is told of a build is bounded, whatever it printed. */
const OUTCOME_BYTES_MAX = 100_000;

/** Traces of this machine in what a client is told. */
const INSIDES = /node_modules|\.ts:\d|\/var\/lib\/|\/tmp\/orca/;

type Posted = { readonly row: DockerfileRow; readonly path: string; readonly sha: string };

/** @param run a label of all layers: another run's must not be taken from the engine's cache, or nothing would be tried */
async function postRows(orca: TestOrca, rows: readonly DockerfileRow[], run: string): Promise<Posted[]> {
  const posted: Posted[] = [];
  for (const [index, row] of rows.entries()) {
    const path = `/outcomes/${index}`;
    const dockerfile = row.dockerfile.replace(BASE, `${BASE}LABEL run=${run}\n`);
    const { status, body, sha } = await orca.postImage(dockerfile, orca.client.url + path);
    assert.equal(status, 200, `${row.id} ${row.what}: ${JSON.stringify(body)}`);
    posted.push({ row, path, sha });
  }
  return posted;
}

async function assertRows(t: TestContext, orca: TestOrca, rows: readonly DockerfileRow[]): Promise<void> {
  const run = randomUUID();
  // The engine finishes the layer that it is making when a build is stopped: gigabytes, of some rows.
  t.after(() => removeUnnamed({ run }));
  for (const { row, path, sha } of await postRows(orca, rows, run)) {
    await t.test(`${row.id} ${row.what}`, async () => {
      const post = await waitFor(
        'the outcome of the build',
        () => orca.client.posts.find((each) => each.path === path),
        BUILD_MS,
      );
      assert.ok(post.body.length < OUTCOME_BYTES_MAX);
      assertOutcome(row.expected, post.json);
      if (row.expected.kind === 'built' && row.expected.job !== undefined)
        await assertJob(orca, { key: `${row.id} ${row.what}`, sha }, row.expected.job);
    });
  }
}

function assertOutcome(expected: Expectation, outcome: Received): void {
  const shown = JSON.stringify(outcome);
  assert.doesNotMatch(shown, new RegExp(SECRET));
  const { logs = [] } = outcome;
  assert.equal(outcome.was_successful, expected.kind === 'built', shown);
  if (expected.kind === 'failed') {
    assert.match(logs[0]?.error ?? '', expected.says);
    assert.doesNotMatch(logs[0]?.error ?? '', INSIDES);
  }
  if (expected.kind === 'refused' || expected.prints === undefined) return;
  assert.match(logs.map(({ output }) => output ?? '').join('\n'), expected.prints);
}

/** A job in an image that was built all the same. */
async function assertJob(
  orca: TestOrca,
  { key, sha }: { key: string; sha: string },
  { cmd, sees }: { cmd: string; sees: string | RegExp },
): Promise<void> {
  const script = [{ cmd, on_complete: 'output' as const }];
  await orca.put(makeJob(orca.client, key, { script, grader_image_sha: sha }));
  const { json } = await orca.client.waitForResult(key, BUILD_MS);
  if (typeof sees === 'string') assert.equal(json.output, sees, JSON.stringify(json));
  else assert.match(json.output ?? '', sees, JSON.stringify(json));
}

/** Nothing is left of what failed, in the engine and in the store. */
async function assertNothingLeft(orca: TestOrca, rows: readonly DockerfileRow[]): Promise<void> {
  const good = rows.filter(({ expected }) => expected.kind === 'built').length;
  assert.equal((await imagesOf(orca.databaseUrl)).length, good);
  const archives = (await readdir(orca.imageFolder)).filter((name) => name !== STORE_MARK);
  assert.equal(archives.length, good, archives.join(', '));
  assert.deepEqual(await containersOf(orca.databaseUrl), []);
}

/** A home with a secret where `docker login` puts it. */
async function plantSecret(): Promise<AsyncDisposable & { home: string }> {
  const home = await mkdtemp(join(tmpdir(), 'orca-home-'));
  await mkdir(join(home, '.docker'));
  await writeFile(
    join(home, '.docker/config.json'),
    JSON.stringify({ auths: { 'x.example': { auth: SECRET } } }),
  );
  return { home, [Symbol.asyncDispose]: () => rm(home, { recursive: true }) };
}

test('hostile Dockerfiles are refused at their POST, with the line', async (t) => {
  await using orca = await startOrca(SETTINGS);
  for (const { id, what, dockerfile, expected } of READING_ROWS) {
    await t.test(`${id} ${what}`, async () => {
      assert.ok(expected.kind === 'refused');
      const { status, body } = await orca.postImage(dockerfile);
      assert.equal(status, 400, JSON.stringify(body));
      assert.equal(body.code, 'invalid_image');
      assert.match(body.errors?.[0] ?? '', new RegExp(`^dockerfile_contents: ${expected.says.source}`));
    });
  }
});

test('hostile Dockerfiles are built to nothing that harms, or refused with a sentence', async (t) => {
  await using secret = await plantSecret();
  await using orca = await startOrca(SETTINGS);
  await orca.startImageBuilder({ HOME: secret.home, REGISTRY_PASSWORD: SECRET, HTTP_PROXY: SECRET });
  const worker = await orca.startWorker();
  await assertRows(t, orca, BUILDING_ROWS);
  // With it go the containers that it had started ahead.
  await worker.stop();
  await assertNothingLeft(orca, BUILDING_ROWS);
});

test('Dockerfiles that exhaust the machine are stopped, and the builder goes on', async (t) => {
  await using orca = await startOrca(SETTINGS);
  await orca.startImageBuilder(TIGHT);
  await assertRows(t, orca, EXHAUSTING_ROWS);
  await assertNothingLeft(orca, EXHAUSTING_ROWS);
});
