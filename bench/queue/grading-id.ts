import { randomUUID } from 'node:crypto';

/** An id of a result as workers make them. */
export function makeGradingId(): string {
  return `msg_${randomUUID().replaceAll('-', '')}`;
}
