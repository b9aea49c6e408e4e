import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine, type Engine, inspectImage, listContainers } from '@orca/docker';
import { DEFAULT_LIMITS, flattenScript, type GradingScript, type JobLimits } from '@orca/protocol';
import type { FileFormat } from '@orca/protocol/sandbox-plan';
import { createDockerSandbox, type DockerSandboxSetup } from '../docker.ts';
import { INSTALLATION_LABEL } from '../remove-orphans.ts';
import type { Sandbox, SandboxEvent, SandboxJob, SandboxReport } from '../sandbox.ts';

/** A file of a test's job. */
export interface TestFile {
  readonly name: string;
  readonly fileName: string;
  readonly content: Buffer | string;
  readonly format: FileFormat;
  readonly replacePaths?: boolean;
}

/** What a test's job asks for, where it is not the usual. */
export interface TestJob {
  readonly files?: readonly TestFile[];
  readonly limits?: Partial<JobLimits>;
  readonly onEvent?: (event: SandboxEvent) => void;
  readonly signal?: AbortSignal;
}

/** A sandbox of a test's own: its installation is nobody else's. */
export interface TestSandbox extends AsyncDisposable {
  readonly engine: Engine;
  readonly sandbox: Sandbox;
  readonly installationId: string;
  run(script: GradingScript, job?: TestJob): Promise<SandboxReport>;
  /** The names of the containers of this installation that the engine has. */
  listContainers(): Promise<string[]>;
  /** Of those, the ones that no job was given yet. */
  listWaiting(): Promise<string[]>;
}

/** Where the tests' image comes from. */
export const TEST_IMAGE = 'orca-grader-base:latest';

/** Small enough for a test, large enough for a Python program. */
const TEST_LIMITS: JobLimits = { ...DEFAULT_LIMITS, wallSeconds: 60, memoryMb: 128, diskMb: 64, pids: 64 };

/**
 * Opens a sandbox on the engine of this machine.
 *
 * @throws with what to do when the engine or the base image is missing
 */
export async function openTestSandbox(
  workerId = 'test-worker',
  setup: Pick<DockerSandboxSetup, 'pool'> = {},
): Promise<TestSandbox> {
  const engine = await connectEngine(DOCKER_HOST);
  if ((await inspectImage(engine, TEST_IMAGE)) === null) {
    throw new Error(`Cannot test the sandbox: the image "${TEST_IMAGE}" is missing; ./orca test builds it`);
  }
  const installationId = `test-${randomUUID()}`;
  const folder = await mkdtemp(join(tmpdir(), 'orca-sandbox-test-'));
  const sandbox = await createDockerSandbox({
    engine,
    installationId,
    workerId,
    ...setup,
    onLeftover(name, error) {
      throw new Error(`Cannot remove "${name}"`, { cause: error });
    },
  });
  const ofJobs = new Set<string>();
  const listAll = async (): Promise<string[]> => {
    const labels = { [INSTALLATION_LABEL]: installationId };
    return (await listContainers(engine, { labels })).map(({ name }) => name);
  };
  return {
    engine,
    sandbox,
    installationId,
    async run(script, { files = [], limits = {}, onEvent = () => undefined, signal } = {}) {
      const job: SandboxJob = {
        steps: flattenScript(script),
        imageId: TEST_IMAGE,
        limits: { ...TEST_LIMITS, ...limits },
        network: 'none',
        files: await Promise.all(files.map((file) => storeFile(folder, file))),
      };
      const note = (event: SandboxEvent): void => {
        if (event.kind === 'container') ofJobs.add(event.name);
        onEvent(event);
      };
      return sandbox.run(job, note, signal ?? new AbortController().signal);
    },
    listContainers: listAll,
    listWaiting: async () => (await listAll()).filter((name) => !ofJobs.has(name)),
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]();
      await sandbox.removeOrphans(() => false);
      await rm(folder, { recursive: true });
    },
  };
}

// biome-ignore lint/style/noProcessEnv: tests run on the engine that everything else is told to use, too
const DOCKER_HOST = process.env['DOCKER_HOST'];

async function storeFile(folder: string, file: TestFile): Promise<SandboxJob['files'][number]> {
  const path = join(folder, randomUUID());
  const content = Buffer.from(file.content);
  await writeFile(path, content);
  const { name, fileName, format, replacePaths = false } = file;
  return { name, fileName, path, bytes: content.length, format, replacePaths };
}
