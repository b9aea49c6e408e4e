import { hostname } from 'node:os';
import { inspectImage } from '@orca/docker';
import { createDockerSandbox, type SandboxReport } from '@orca/grading';
import { DEFAULT_LIMITS, flattenScript, type GradingScript } from '@orca/protocol';
import { isRunning } from '../../is-running.ts';
import { BASE_IMAGE } from '../../set-up/ensure-base-image.ts';
import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict } from '../check.ts';
import { explain } from '../explain.ts';
import type { Host, SeenEngine } from '../host.ts';
import { judgeSeen } from '../look.ts';

const TRIAL_TIMEOUT_MS = 90_000;

/** That a command runs, and which networks it has. */
const SCRIPT: GradingScript = [{ cmd: ['true'] }, { cmd: ['cat', '/proc/net/dev'], on_complete: 'output' }];
const HEADING_LINES = 2;
const MEND =
  'see "sudo journalctl -u docker"; docs/security.md lists what a container of a job asks the engine for';

/** The interfaces that `/proc/net/dev` lists. */
export function interfacesIn(text: string): string[] {
  const lines = text.trimEnd().split('\n').slice(HEADING_LINES);
  return lines.map((line) => line.split(':')[0]?.trim() ?? '');
}

/** What became of a container with the settings of a job's. */
export function judgeTrial({ ending, steps, timings }: SandboxReport): Verdict {
  if (ending.kind !== 'output') {
    const why = 'sentence' in ending ? ending.sentence : 'its commands did not come to their end';
    const cause = 'cause' in ending ? `: ${explain(ending.cause)}` : '';
    return fail(
      `No container runs with the settings of a job: ${why}${cause.includes(why) ? '' : cause}`,
      MEND,
    );
  }
  const networks = interfacesIn(steps.at(-1)?.stdout.toString() ?? '').filter((name) => name !== 'lo');
  if (networks.length > 0)
    return fail(
      `A container without a network has one all the same: ${networks.join(', ')}`,
      'see what adds it (a plug-in of the engine, or the runtime): submissions could reach this network',
    );
  return ok(
    `A container ran "true" as a job does, without a network, after ${Math.round(timings.containerMs)} ms`,
  );
}

async function tryContainer(host: Host, { engine }: SeenEngine, signal: AbortSignal): Promise<Verdict> {
  const image = await inspectImage(engine, BASE_IMAGE);
  if (image === null) return skipped('there is no base image');
  const runtime = host.settings.text('ORCA_CONTAINER_RUNTIME');
  const leftovers: string[] = [];
  let report: SandboxReport;
  {
    await using sandbox = await createDockerSandbox({
      engine,
      // Not one of any Orca: their workers leave it alone, and a later run of this check removes what this one may leave.
      installationId: `doctor-${hostname()}`,
      workerId: String(process.pid),
      ...(runtime === '' ? {} : { runtime }),
      onLeftover: (name) => leftovers.push(name),
    });
    await sandbox.removeOrphans(({ workerId }) => isRunning(Number(workerId)));
    const job = {
      steps: flattenScript(SCRIPT),
      imageId: image.id,
      limits: DEFAULT_LIMITS,
      network: 'none',
      files: [],
    } as const;
    report = await sandbox.run(job, () => undefined, signal);
  }
  if (leftovers.length === 0) return judgeTrial(report);
  return fail(
    `The container ${leftovers.join()} could not be removed`,
    `docker rm --force ${leftovers.join()}`,
  );
}

/** One container, as a worker makes them. */
export const trialCheck: Check = {
  name: 'trial',
  roles: EVERYWHERE,
  timeoutMs: TRIAL_TIMEOUT_MS,
  run: (host, signal) => judgeSeen(host.engine(), (seen) => tryContainer(host, seen, signal)),
};
