import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Database } from '../connect.ts';
import { claimDelivery } from '../deliveries/deliveries.ts';
import { type ClaimedBuild, claimBuild } from '../images/claim-build.ts';
import { type BuildEnd, endBuild } from '../images/end-build.ts';
import { requestImage } from '../images/request-image.ts';
import { SAVED_IMAGE } from './ready-image.ts';

/** The tests' server has just started. */
export const CLAIM = { leaseSeconds: 60, graceAfterStartSeconds: 0 };
export const BUILDER = { builderId: 'builder 1', ...CLAIM };
export const OTHER = { builderId: 'builder 2', ...CLAIM };
export const TIMINGS = { buildMs: 10.4, checkMs: null, saveMs: null };
export const READY: BuildEnd = { kind: 'ready', image: SAVED_IMAGE };
export const FAILED: BuildEnd = { kind: 'failed', reason: 'Step 2 failed', imageBytes: null };

/** Asks for an image as a client does; returns its sha and what was answered. */
export async function ask(db: Database, dockerfile: string, client: string | null = 'course.example.edu') {
  const sha = createHash('sha256').update(dockerfile).digest('hex');
  const recipient = client === null ? null : { client, responseUrl: `https://${client}/images/1` };
  const answer = await requestImage(db, { sha, dockerfile, recipient, askedBy: client ?? 'key 1' });
  return { sha, answer };
}

export async function claim(db: Database, as = BUILDER): Promise<ClaimedBuild> {
  const build = await claimBuild(db, as);
  assert.ok(build !== null);
  return build;
}

export const end = (db: Database, build: ClaimedBuild, how: BuildEnd, body = '{"was_successful":true}') =>
  endBuild(db, build, { end: how, timings: TIMINGS, body });

/** All deliveries that are owed now, in their order. */
export async function owed(db: Database) {
  const found = [];
  for (;;) {
    const delivery = await claimDelivery(db, { serverId: 'a test', leaseSeconds: 60 });
    if (delivery === null) return found;
    found.push(delivery);
  }
}
