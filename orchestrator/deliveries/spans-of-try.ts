import type { Span } from '@orca/daemon';
import type { Tried } from './deliver.ts';

/**
 * The span of a POST that carried a result: of the trace that the worker's spans of its job are in. Others have none. Pure.
 *
 * @param nowMs Unix time, when it has just ended
 */
export function spansOfTry(tried: Tried, nowMs: number): Span[] {
  const { kind, jobId, webhookId, attempt, outcome, statusCode, durationMs } = tried;
  if (kind !== 'result' || jobId === null) return [];
  const attributes = {
    'orca.job_id': jobId,
    'orca.attempt': attempt,
    'orca.outcome': outcome,
    ...(statusCode === null ? {} : { 'http.response.status_code': statusCode }),
  };
  return [{ trace: webhookId, name: 'delivery', fromMs: nowMs - durationMs, toMs: nowMs, attributes }];
}
