import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  appendBuildLog,
  type ClaimedBuild,
  claimBuild,
  connectDatabase,
  type Database,
  endBuild,
  type LogPiece,
} from '@orca/database';
import { cloneDatabase, SAVED_IMAGE } from '@orca/database/testing';
import { REPOSITORY } from '../../repository.ts';

const DEADLINE_MS = 180_000;
const LOOK_MS = 20;

/** A real API server on a database of its own, whose builder is the test. */
export interface TestOrca extends AsyncDisposable {
  readonly url: string;
  readonly db: Database;
  /** For Dockerfiles. */
  readonly folder: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly output: () => string;
  /** Waits until its output has that. */
  until(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly status: Promise<number | null>;
}

/** Starts a server without a builder. */
export async function startOrca(): Promise<TestOrca> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await cloneDatabase());
  const db = opened.use(await connectDatabase({ url: database.url, applicationName: 'test' }));
  const folder = await mkdtemp(join(tmpdir(), 'orca-images-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const server = spawn(process.execPath, [REPOSITORY.orchestrator, 'server'], {
    env: { POSTGRES_URL: database.url, API_PORT: '0', ORCA_IMAGE_FOLDER: folder, ORCA_LOG_LEVEL: 'warn' },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(server, 'exit');
  opened.defer(async () => {
    server.kill('SIGTERM');
    await exited;
  });
  const [ready] = await once(server, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) });
  const kept = opened.move();
  return { url: ready.address, db, folder, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Writes a Dockerfile and returns its path. */
export async function writeDockerfile({ folder }: TestOrca, text: string): Promise<string> {
  const path = join(folder, 'Dockerfile');
  await writeFile(path, text);
  return path;
}

/** Runs `orca images …`, or another command, with nothing in its environment but what is given. */
export function runImages(
  args: readonly string[],
  env: Record<string, string> = {},
  name: 'images' | 'queue' | 'deliveries' | 'trace' = 'images',
): RunningCommand {
  const main = join(REPOSITORY.root, 'cli/main.ts');
  const child = spawn(process.execPath, [main, name, ...args], {
    env,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return {
    output: () => output,
    until: (pattern) => waitUntil(() => pattern.test(output), `${pattern} in:\n${output}`),
    kill: (signal) => child.kill(signal),
    status: once(child, 'close').then(([status]) => status),
  };
}

/** Takes the build that is asked for, as a builder does. */
export async function takeBuild(db: Database): Promise<ClaimedBuild> {
  let build: ClaimedBuild | null = null;
  await waitUntil(async () => {
    build = await claimBuild(db, { builderId: 'a test', leaseSeconds: 60 });
    return build !== null;
  }, 'a build that is asked for');
  assert.ok(build !== null);
  return build;
}

/** Prints something in a build. */
export async function print(db: Database, build: ClaimedBuild, ...pieces: LogPiece[]): Promise<void> {
  assert.ok(await appendBuildLog(db, build, { step: pieces.at(-1)?.step ?? '', pieces }));
}

/** Ends a build: `null` for a good one, else why it failed. */
export async function end(db: Database, build: ClaimedBuild, failure: string | null): Promise<void> {
  const ended =
    failure === null
      ? ({ kind: 'ready', image: SAVED_IMAGE } as const)
      : ({ kind: 'failed', reason: failure, imageBytes: null } as const);
  const timings = { buildMs: 41_000, checkMs: 1_500, saveMs: failure === null ? 900 : null };
  assert.ok(await endBuild(db, build, { end: ended, timings, body: '{}' }));
}

async function waitUntil(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
