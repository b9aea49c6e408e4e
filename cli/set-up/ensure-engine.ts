import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Environment, sleep } from '@orca/daemon';
import { connectEngine, DEFAULT_DOCKER_HOST, type Engine, EngineError } from '@orca/docker';
import { waitForLock } from '../hold-lock.ts';
import { UserError } from '../user-error.ts';
import { canInstallPackages, installPackages, readOsRelease } from './install-packages.ts';
import type { Progress } from './progress.ts';
import { DOCKERD_LOG, startDockerd } from './start-dockerd.ts';

interface Deps {
  readonly env: Environment;
  readonly progress: Progress;
}

const START_TIMEOUT_MS = 60_000;
/** How long an engine may still answer after the dockerd that we started has ended: somebody else's was first. */
const LATE_TIMEOUT_MS = 5_000;
const POLL_MS = 100;
const LOG_TAIL_LINES = 15;
const PROGRAM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * Finds the Docker engine of `DOCKER_HOST`, else of this machine; the latter is started, and even installed, where that
 * is possible (root on Debian or Ubuntu). An engine that was started stays up, as a service of the machine does.
 *
 * @throws {UserError} that says what to do, when there is none and none can be started
 */
export async function ensureEngine(deps: Deps, signal: AbortSignal): Promise<Engine> {
  const host = deps.env['DOCKER_HOST'] || undefined;
  const found = await tryEngine(host, signal);
  if (found.kind === 'engine') return found.engine;
  if (host !== undefined)
    throw new UserError(
      `${found.sentence}. DOCKER_HOST says to use this engine: start it, or unset DOCKER_HOST`,
    );
  await using _lock = await waitForLock(
    'set-up of the engine',
    (pid) => deps.progress.say(`Waiting for process ${pid}, which is setting up Docker`),
    signal,
  );
  const foundNow = await tryEngine(host, signal);
  if (foundNow.kind === 'engine') return foundNow.engine;
  // Awaited here, so that the lock is held until the engine answers.
  return await provideEngine(foundNow.sentence, deps, signal);
}

type Found = { kind: 'engine'; engine: Engine } | { kind: 'none'; sentence: string };

/** Asks whether an engine answers. One that answers but is of no use ends the search. */
async function tryEngine(host: string | undefined, signal: AbortSignal): Promise<Found> {
  try {
    return { kind: 'engine', engine: await connectEngine(host, signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EngineError)) throw error;
    if (error.code !== 'engine_unreachable') throw new UserError(error.message);
    return { kind: 'none', sentence: error.message };
  }
}

async function provideEngine(why: string, deps: Deps, signal: AbortSignal): Promise<Engine> {
  const env = { ...deps.env, PATH: [deps.env['PATH'] ?? '', ...PROGRAM_FOLDERS].join(delimiter) };
  const isInstalled = await isProgram('dockerd', env.PATH);
  if (!isInstalled && !canInstallPackages(await readOsRelease(), process.getuid?.()))
    throw new UserError(
      `${why}. Install Docker (on Debian and Ubuntu: apt-get install docker.io; elsewhere: docs.docker.com says how) ` +
        'and start it, or run this as root on Debian or Ubuntu, where Orca does that itself',
    );
  if (process.getuid?.() !== 0)
    throw new UserError(
      `${why}. Start Docker (as root: systemctl start docker), and let this user use it ` +
        '(as root: usermod --append --groups docker <user>, then log in again), or run this as root',
    );
  if (!isInstalled) await installPackages(['docker.io', 'ca-certificates'], { ...deps, env }, signal);
  const engine = await deps.progress.step('Starting Docker', () => startEngine(env, signal));
  deps.progress.say('Docker stays up as a service of this machine, also when Orca stops');
  return engine;
}

async function startEngine(env: Environment, signal: AbortSignal): Promise<Engine> {
  const { ended } = await startDockerd(env, signal);
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  let giveUp = deadline;
  void ended.then(() => {
    giveUp = AbortSignal.any([deadline, AbortSignal.timeout(LATE_TIMEOUT_MS)]);
  });
  while (!giveUp.aborted) {
    const found = await tryEngine(DEFAULT_DOCKER_HOST, signal);
    if (found.kind === 'engine') return found.engine;
    await sleep(POLL_MS, signal);
  }
  const log = await readFile(DOCKERD_LOG, 'utf8').catch(() => '');
  const tail = log.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  throw new UserError(
    `${tail}\nCannot start Docker: dockerd does not answer. Its log, shown above, is ${DOCKERD_LOG}`,
  );
}

/** Whether a program can be found and run. */
async function isProgram(name: string, path: string): Promise<boolean> {
  const tries = path.split(delimiter).map((folder) => access(join(folder, name), constants.X_OK));
  return (await Promise.allSettled(tries)).some((outcome) => outcome.status === 'fulfilled');
}
