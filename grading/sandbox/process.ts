import { chmod, chown, mkdir, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import {
  encodeProgram,
  JOB_FOLDER_PARTS,
  REMOVE_FOLDER_ROLE,
  UNPRIVILEGED_ID,
} from '@orca/protocol/sandbox-plan';
import { bundleHarness } from './bundle-harness.ts';
import { converse } from './converse.ts';
import { placeIn, planJob } from './plan-job.ts';
import { nothingSaid, reportOf } from './report-of.ts';
import type { Sandbox, SandboxEvent, SandboxJob, SandboxReport } from './sandbox.ts';
import { startProcessHarness } from './start-process-harness.ts';

/** What a sandbox without isolation is made of. */
export interface ProcessSandboxSetup {
  /** Whether `ENVIRONMENT` is `production`. */
  readonly production: boolean;
  /** The `PATH` of commands; left out: the usual folders. */
  readonly path?: string | undefined;
  /** Told once that there is no isolation, and what that means. */
  readonly onWarning: (sentence: string) => void;
  /** Told of a folder that could not be removed, or not completely. */
  readonly onLeftover?: (folder: string, error: unknown) => void;
}

/** What everybody should know who runs jobs so. */
const WARNING =
  'Jobs run without a container, as processes of this machine: they can read its files and reach its network, and the ' +
  'limits of memory, disk, processes and CPU do not apply. Run only what you trust';

const FOLDER_PREFIX = 'orca-job-';
/** Commands pass through the folder of a job, and see nothing of it but their own part. */
const JOB_FOLDER_MODE = 0o711;
const WORK_FOLDER_MODE = 0o700;

/**
 * Runs jobs as processes of this machine, without any isolation: for a developer's own machine. Each command is a process
 * group, which is killed as a container's processes are; what hides in another group stays. As root, commands run as
 * `nobody`. Time limits apply, no others do.
 *
 * @throws {Error} in production
 * @see docs/security.md
 */
export async function createProcessSandbox(setup: ProcessSandboxSetup): Promise<Sandbox> {
  if (setup.production)
    throw new Error(
      'Cannot run jobs without containers: ENVIRONMENT is "production", where submissions are nobody\'s friends; ' +
        'leave out --no-container and ORCA_SANDBOX=process, or unset ENVIRONMENT',
    );
  const program = await bundleHarness('process');
  setup.onWarning(WARNING);
  const running = new Set<Promise<unknown>>();
  return {
    async run(job, onEvent, signal) {
      const run = runJob(job, { program, setup, onEvent }, signal);
      running.add(run);
      return await run.finally(() => running.delete(run));
    },
    rest: () => undefined,
    // A harness whose worker is gone removes everything itself.
    removeOrphans: async () => 0,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(running);
    },
  };
}

interface RunDeps {
  readonly program: string;
  readonly setup: ProcessSandboxSetup;
  readonly onEvent: (event: SandboxEvent) => void;
}

async function runJob(job: SandboxJob, deps: RunDeps, signal: AbortSignal): Promise<SandboxReport> {
  const startedAt = performance.now();
  const { program, setup, onEvent } = deps;
  const isRoot = process.getuid?.() === 0;
  const userName = isRoot ? 'nobody' : userInfo().username;
  let folder = '';
  try {
    signal.throwIfAborted();
    folder = await makeJobFolder(isRoot);
    const place = placeIn(join(folder, JOB_FOLDER_PARTS.work), { template: null, userName });
    const plan = planJob(job, setup.path === undefined ? [] : [`PATH=${setup.path}`], place);
    const conversation = { program, plan, files: job.files, limits: job.limits };
    const harness = startProcessHarness([folder]);
    return reportOf(await converse(harness, conversation, onEvent, signal), place.folders, startedAt);
  } catch (cause) {
    const place = placeIn(folder, { template: null, userName });
    const sentence = cause instanceof Error ? cause.message : 'Cannot start a process for the job';
    const ending = signal.aborted
      ? ({ kind: 'stopped' } as const)
      : ({ kind: 'failed', sentence, cause } as const);
    return reportOf(nothingSaid(ending), place.folders, startedAt);
  } finally {
    if (folder !== '') await removeLeftover(folder, deps);
  }
}

async function makeJobFolder(isRoot: boolean): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  const work = join(folder, JOB_FOLDER_PARTS.work);
  await mkdir(work, { mode: WORK_FOLDER_MODE });
  if (isRoot) await chown(work, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
  await chmod(folder, JOB_FOLDER_MODE);
  return folder;
}

/** Usually the harness has removed it: this is for one that was killed, or never got to it. */
async function removeLeftover(folder: string, { program, setup }: RunDeps): Promise<void> {
  if (!(await isThere(folder))) return;
  // By the harness' own program, which knows as whom.
  const remover = startProcessHarness([REMOVE_FOLDER_ROLE, folder]);
  remover.stdin.write(encodeProgram(program));
  let complaint = '';
  for await (const { bytes } of remover.output) complaint += bytes.toString();
  await remover.ending();
  remover.disconnect();
  if (await isThere(folder)) setup.onLeftover?.(folder, new Error(complaint.trim()));
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
