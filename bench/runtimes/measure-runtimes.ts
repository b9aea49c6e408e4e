import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectEngine, inspectImage } from '@orca/docker';
import { startOwnEngine, unpackCrun } from '@orca/docker/testing';
import { createDockerSandbox, type Sandbox, type SandboxJob, type SandboxReport } from '@orca/grading';
import { DEFAULT_LIMITS, flattenScript } from '@orca/protocol';
import { BASE_IMAGE } from '../system/provide-image.ts';
import { rotated } from '../queue/figures.ts';

/** How much is measured. */
export interface RuntimesScale {
  readonly rounds: number;
  /** Before the time is taken. */
  readonly warmUp: number;
}

/** What one runtime took, in milliseconds; one number for each round. */
export interface RuntimeFigures {
  readonly runtime: string;
  /** From the create request until the harness is ready. */
  readonly start: readonly number[];
  /** From the create request to the end of a job of two commands. */
  readonly job: readonly number[];
}

const RUNTIMES = ['runc', 'crun'] as const;

/** All that was measured. */
export interface RuntimesFigures {
  /** `crun version 1.8.1`. */
  readonly crun: string;
  readonly runtimes: readonly RuntimeFigures[];
}

/**
 * Runs a trivial job in a fresh container of each runtime, in each round another one first, on an engine of its own that
 * has both.
 *
 * @param folder where crun is unpacked, for as long as this runs
 * @returns a sentence where there is no crun to be had, or one of them runs no job
 */
export async function measureRuntimes(
  { rounds, warmUp }: RuntimesScale,
  folder: string,
  say: (line: string) => void,
): Promise<RuntimesFigures | string> {
  await using opened = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true });
  const place = await mkdtemp(join(folder, 'crun-'));
  opened.defer(() => rm(place, { recursive: true }));
  const crun = await unpackCrun(place);
  if (crun.kind === 'none')
    return `NOTHING IS COMPARED: there is no crun on this machine, and Debian's could not be unpacked: ${crun.reason}`;
  const { host } = opened.use(await startOwnEngine({ crun: crun.program }));
  const engine = await connectEngine(host);
  const image = await inspectImage(engine, BASE_IMAGE);
  if (image === null) throw new Error(`Cannot measure: the new engine has no "${BASE_IMAGE}"`);
  const contenders: Contender[] = [];
  for (const runtime of RUNTIMES) {
    const ids = { installationId: `bench-${process.pid}`, workerId: runtime };
    const sandbox = opened.use(await createDockerSandbox({ engine, ...ids, runtime }));
    contenders.push({ runtime, sandbox, start: [], job: [] });
  }
  say(`runtimes: ${warmUp} rounds to warm up, then ${rounds}`);
  for (let round = -warmUp; round < rounds; round += 1)
    for (const contender of rotated(contenders, round + warmUp)) {
      const { report, ms } = await runOnce(contender.sandbox, image.id);
      if (report.ending.kind === 'failed')
        return `NOTHING IS COMPARED: no job runs with "${contender.runtime}" here. ${report.ending.sentence}`;
      if (round < 0) continue;
      contender.start.push(report.timings.containerMs);
      contender.job.push(ms);
    }
  return {
    crun: crun.version,
    runtimes: contenders.map(({ runtime, start, job }) => ({ runtime, start, job })),
  };
}

interface Contender {
  readonly runtime: string;
  readonly sandbox: Sandbox;
  readonly start: number[];
  readonly job: number[];
}

async function runOnce(sandbox: Sandbox, imageId: string): Promise<{ report: SandboxReport; ms: number }> {
  const job: SandboxJob = {
    steps: flattenScript([
      { cmd: ['true'], on_complete: 'next' },
      { cmd: ['echo', 'hello'], on_complete: 'output' },
    ]),
    ...{ imageId, limits: DEFAULT_LIMITS, network: 'none', files: [] },
  };
  const beganMs = performance.now();
  const report = await sandbox.run(job, () => undefined, new AbortController().signal);
  return { report, ms: performance.now() - beganMs };
}
