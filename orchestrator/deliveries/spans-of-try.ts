import type { Span } from '@orca/daemon';
import type { Tried } from './deliver.ts';

/** Inside of a text its quotes would be escaped, so that no result has to be parsed for it: one may be 8 MiB long. */
const TIMINGS_MEMBER = '"timings":{';

/**
 * The span of a POST that carried a result: of the trace that the worker's spans of its job are in, or of no other span where
 * no run made that result, and so no worker sends any. Others have none. Pure.
 *
 * @param nowMs Unix time, when it has just ended
 */
export function spansOfTry(tried: Tried, nowMs: number): Span[] {
  const { kind, jobId, webhookId, attempt, body, outcome, statusCode, durationMs } = tried;
  if (kind !== 'result' || jobId === null) return [];
  const attributes = {
    'orca.job_id': jobId,
    'orca.attempt': attempt,
    'orca.outcome': outcome,
    ...(statusCode === null ? {} : { 'http.response.status_code': statusCode }),
  };
  const place = body.includes(TIMINGS_MEMBER) ? {} : ({ isAlone: true } as const);
  return [
    { trace: webhookId, ...place, name: 'delivery', fromMs: nowMs - durationMs, toMs: nowMs, attributes },
  ];
}
