import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HARNESS_REST_MS, SANDBOX_DISKS } from '@orca/protocol/sandbox-plan';
import { findLeftovers } from './find-leftovers.ts';
import { lookAtImage } from './image-programs.ts';
import { measureUsage } from './measure-usage.ts';
import { PLACE_FILES_ROLE } from './place-files-role.ts';

// The program that a worker sends into a container. It holds the one `kill(-1)` of the whole repository, which outside a
// container, as root, would kill the machine: so it refuses to start anywhere else, and nothing imports it.

const INITS = ['docker-init', 'tini'];
const PIPES_FOLDER = '/dev/orca-pipes';

/** Who commands are: `orca-grader` of the base image. */
const COMMAND_USER = { uid: 1000, gid: 1000 };

/** How long killed processes may take to go, and how often they are looked for. */
const KILL_MS_MAX = 5_000;
const KILL_AGAIN_MS = 5;

/** @throws when this is not the child of a container's init */
function assertInContainer(): void {
  const init = readFileSync('/proc/1/comm', 'utf8').trim();
  if (process.ppid === 1 && INITS.includes(init)) return;
  throw new Error(`Cannot start the harness: its parent is ${process.ppid}, and process 1 is "${init}"`);
}

/**
 * Kills everything in the container but its init and this process, in one system call: it needs no fork, so that it
 * works at the limit of processes, and there is no moment for a fork bomb between finding and killing.
 *
 * @returns whether there was anything, be it dead already
 */
function killOnce(): boolean {
  try {
    process.kill(-1, 'SIGKILL');
    return true;
  } catch (error) {
    return !hasNothingToKill(error);
  }
}

/** ESRCH: there is no process at all. That one may not be killed would be EPERM. */
function hasNothingToKill(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH';
}

/** @throws when something outlives it */
async function killAll(): Promise<void> {
  const giveUpAt = performance.now() + KILL_MS_MAX;
  // Most commands leave nothing, and then nothing is looked for.
  while (killOnce()) {
    const left = findCommands();
    if (left.length === 0) break;
    if (performance.now() > giveUpAt) throw new Error(`Cannot kill ${left.length} processes`);
    await sleep(KILL_AGAIN_MS);
  }
  const { removeIpc } = await import('./remove-ipc.ts');
  await removeIpc(COMMAND_USER);
}

function findCommands(): number[] {
  return findLeftovers(COMMAND_USER.uid);
}

function exitAtOnce(): never {
  killOnce();
  process.exit(1);
}

async function main(): Promise<void> {
  assertInContainer();
  const surroundings = {
    user: COMMAND_USER,
    disks: SANDBOX_DISKS,
    pipesFolder: PIPES_FOLDER,
    isImageProgram: lookAtImage(),
    measureUsage,
    // All are killed together, whoever they are.
    onStarted: () => undefined,
    killAll,
  };
  const { playHarness } = await import('./play-harness.ts');
  let isOver = false;
  await playHarness(surroundings, {
    beforeLastWord() {
      killOnce();
      isOver = true;
    },
    onLost() {
      if (!isOver) exitAtOnce();
    },
  });
  await sleep(HARNESS_REST_MS);
  process.exit(0);
}

async function placeFiles(): Promise<void> {
  const { runPlacingChild } = await import('./place-files-child.ts');
  await runPlacingChild();
}

// Each part loads what it needs, and nothing of the other: that is several milliseconds of each job.
const part = process.argv[1] === PLACE_FILES_ROLE ? placeFiles : main;
part().catch(fail);

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}
