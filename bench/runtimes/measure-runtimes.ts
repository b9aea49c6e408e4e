import { loadEnvironment } from '@orca/daemon';
import { connectEngine, engineInfo, inspectImage } from '@orca/docker';
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

/**
 * Runs a trivial job in a fresh container of each runtime, in each round another one first.
 *
 * @returns a sentence where the engine does not have both, or one of them runs no job
 */
export async function measureRuntimes(
  { rounds, warmUp }: RuntimesScale,
  _folder: string,
  say: (line: string) => void,
): Promise<RuntimeFigures[] | string> {
  const engine = await connectEngine(loadEnvironment()['DOCKER_HOST']);
  const { runtimes } = await engineInfo(engine);
  const missing = RUNTIMES.filter((runtime) => !runtimes.includes(runtime));
  if (missing.length > 0)
    return `Nothing is compared: the engine has no runtime "${missing[0]}". Install it (Debian has it as a package of that name), name it under "runtimes" in the engine's daemon.json, and restart the engine`;
  const image = await inspectImage(engine, BASE_IMAGE);
  if (image === null)
    throw new Error(`Cannot measure: the engine has no "${BASE_IMAGE}"; "./orca demo" makes it`);
  await using opened = new AsyncDisposableStack();
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
        return `Nothing is compared: no job runs with "${contender.runtime}" here. ${report.ending.sentence}`;
      if (round < 0) continue;
      contender.start.push(report.timings.containerMs);
      contender.job.push(ms);
    }
  return contenders.map(({ runtime, start, job }) => ({ runtime, start, job }));
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
