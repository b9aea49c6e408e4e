import { type FlatStep, type Folders, insertFolders } from '@orca/protocol';
import type { SandboxPlan } from '@orca/protocol/sandbox-plan';
import type { SandboxJob } from './sandbox.ts';

/** Where everything is in a container. */
export const CONTAINER_FOLDERS: Folders = {
  downloaded: '/work/downloaded',
  extracted: '/work/extracted',
  build: '/work/build',
};

const HOME = '/work/home';
const IMAGE_HOME = '/home/orca-grader';
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MIB = 1024 * 1024;

/**
 * Writes down for the harness what it has to know of a job: pure.
 *
 * @param imageEnv the image's `ENV`, `NAME=value` each
 */
export function planJob(job: SandboxJob, imageEnv: readonly string[]): SandboxPlan {
  return {
    steps: job.steps.map((step) => insertIntoStep(step, CONTAINER_FOLDERS)),
    files: job.files.map(({ name, fileName, bytes, format, replacePaths }) => ({
      name,
      fileName,
      bytes,
      format,
      replacePaths,
    })),
    folders: CONTAINER_FOLDERS,
    home: { path: HOME, template: IMAGE_HOME },
    env: commandEnvironment(imageEnv),
    limits: {
      wallSeconds: job.limits.wallSeconds,
      diskBytes: job.limits.diskMb * MIB,
      entries: job.limits.entries,
    },
  };
}

/** The environment of commands: the image's, and what every grading script may count on. Nothing of the harness' own. */
function commandEnvironment(imageEnv: readonly string[]): Record<string, string> {
  const env: Record<string, string> = { PATH: DEFAULT_PATH, LANG: 'C.UTF-8' };
  for (const assignment of imageEnv) {
    const equals = assignment.indexOf('=');
    if (equals > 0) env[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  return {
    ...env,
    HOME,
    USER: 'orca-grader',
    DOWNLOADED: CONTAINER_FOLDERS.downloaded,
    EXTRACTED: CONTAINER_FOLDERS.extracted,
    BUILD: CONTAINER_FOLDERS.build,
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
