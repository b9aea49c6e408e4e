import { type FlatStep, type Folders, insertFolders } from '@orca/protocol';
import type { SandboxPlan } from '@orca/protocol/sandbox-plan';
import type { SandboxJob } from './sandbox.ts';

/** Where commands run, and as whom. */
export interface CommandPlace {
  readonly folders: Folders;
  readonly home: SandboxPlan['home'];
  readonly userName: string;
}

/** A folder of all that a job has, and what is where in it. */
export function placeIn(folder: string, { template, userName }: PlaceOwner): CommandPlace {
  const folders = {
    downloaded: `${folder}/downloaded`,
    extracted: `${folder}/extracted`,
    build: `${folder}/build`,
  };
  return { folders, home: { path: `${folder}/home`, template }, userName };
}

interface PlaceOwner {
  /** What the home begins with; `null`: nothing. */
  readonly template: string | null;
  readonly userName: string;
}

/** Where everything is in a container. */
export const CONTAINER_PLACE: CommandPlace = placeIn('/work', {
  template: '/home/orca-grader',
  userName: 'orca-grader',
});

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MIB = 1024 * 1024;

/**
 * Writes down for the harness what it has to know of a job: pure.
 *
 * @param givenEnv `NAME=value` each: the image's `ENV`
 */
export function planJob(
  job: SandboxJob,
  givenEnv: readonly string[],
  place: CommandPlace = CONTAINER_PLACE,
): SandboxPlan {
  return {
    steps: job.steps.map((step) => insertIntoStep(step, place.folders)),
    files: job.files.map(({ name, fileName, bytes, format, replacePaths }) => ({
      name,
      fileName,
      bytes,
      format,
      replacePaths,
    })),
    folders: place.folders,
    home: place.home,
    env: commandEnvironment(givenEnv, place),
    limits: {
      wallSeconds: job.limits.wallSeconds,
      diskBytes: job.limits.diskMb * MIB,
      entries: job.limits.entries,
    },
  };
}

/** The environment of commands: the image's, and what every grading script may count on. Nothing of the harness' own. */
function commandEnvironment(
  givenEnv: readonly string[],
  { folders, home, userName }: CommandPlace,
): Record<string, string> {
  const env: Record<string, string> = { PATH: DEFAULT_PATH, LANG: 'C.UTF-8' };
  for (const assignment of givenEnv) {
    const equals = assignment.indexOf('=');
    if (equals > 0) env[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  return {
    ...env,
    HOME: home.path,
    USER: userName,
    DOWNLOADED: folders.downloaded,
    EXTRACTED: folders.extracted,
    BUILD: folders.build,
  };
}

function insertIntoStep(step: FlatStep, folders: Folders): FlatStep {
  const insert = (text: string): string => insertFolders(text, folders);
  if (step.kind === 'condition') return { ...step, operand: insert(step.operand) };
  return {
    ...step,
    cmd: typeof step.cmd === 'string' ? insert(step.cmd) : step.cmd.map(insert),
    workingDir: step.workingDir === null ? null : insert(step.workingDir),
  };
}
