import { loadEnvironment } from '@orca/daemon';
import { fieldOf, listOf, numberOf, textOf } from '../json-fields.ts';
import { callOrca } from '../orca-api/call-orca.ts';
import { chooseAccess } from '../orca-api/choose-access.ts';
import { createPaint, wantsColours } from '../paint.ts';
import { UserError } from '../user-error.ts';
import type { TraceOptions } from './register.ts';
import { renderTrace } from './render-trace.ts';
import { traceJob } from './trace-job.ts';

const KEY_NEEDS = "that names the job's host";

/**
 * `orca trace`: shows where a job's time went.
 *
 * @returns the exit status
 * @throws {UserError} when there is no such job, or it cannot be asked for
 */
export async function runTrace(jobId: number, options: TraceOptions): Promise<number> {
  const env = loadEnvironment();
  const access = chooseAccess(options, env);
  const get = (path: string): Promise<unknown> => {
    const call = { method: 'GET', path, purpose: `trace job ${jobId}`, keyNeeds: KEY_NEEDS } as const;
    return callOrca(access, call, new AbortController().signal);
  };
  const job = await get(`/jobs/${jobId}`);
  if (job === null)
    throw new UserError(
      `Cannot trace job ${jobId}: no job of this number is known, or it is of another host than the key's`,
    );
  const generation = numberOf(job, 'generation');
  const result = await get(`/jobs/${jobId}/result?generation=${generation}`);
  const own = listOf(job, 'deliveries').find(
    (one) => textOf(one, 'kind') === 'result' && fieldOf(one, 'generation') === generation,
  );
  const deliveryId = numberOf(own, 'id');
  const delivery = deliveryId === null ? null : await get(`/deliveries/${deliveryId}`);
  const trace = traceJob({ job, result, delivery }, Date.now());
  if (trace === null)
    throw new UserError(`Cannot use ${access.server}: what answers there is no Orca of this version`);
  const paint = createPaint(wantsColours(process.stdout, env));
  process.stdout.write(options.json ? `${JSON.stringify(trace)}\n` : renderTrace(trace, paint));
  return 0;
}
