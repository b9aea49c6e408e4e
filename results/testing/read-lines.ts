import assert from 'node:assert/strict';
import { readTap } from '../read-tap.ts';

/** What lines of TAP mean; fails where they are none. */
export function read(...lines: string[]): NonNullable<ReturnType<typeof readTap>> {
  return readTap(lines.join('\n')) ?? assert.fail('no TAP');
}

/** Number and status of each test: what most rows are about. */
export function statuses(...lines: string[]): string {
  return read(...lines)
    .tests.map(({ id, status }) => `${id} ${status}`)
    .join(', ');
}
