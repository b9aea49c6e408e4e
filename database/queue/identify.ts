import { createHash } from 'node:crypto';
import type { Collation, GradingJobConfig } from '@orca/protocol';

/** Who a job is, in the queue: each a SHA-256. */
export type JobIdentity = {
  /** The job: client, key and response_url. */
  identity: Buffer;
  /** Who holds places in line: client and collation. */
  submitter: Buffer;
  /** What it says: two jobs with the same content are graded alike. */
  content: Buffer;
};

/**
 * Works out who a job is.
 *
 * `priority` and `collation` are no content: they count only when a job gets a new place, so a PUT that differs in them
 * alone changes nothing. The order of an object's fields does not matter either.
 *
 * @see docs/job-lifecycle.md
 */
export function identifyJob(job: {
  client: string;
  key: string;
  responseUrl: string;
  collation: Collation;
  config: GradingJobConfig;
}): JobIdentity {
  const { priority: _, collation: __, ...content } = job.config;
  return {
    identity: sha256(JSON.stringify([job.client, job.key, job.responseUrl])),
    submitter: sha256(JSON.stringify([job.client, job.collation.type, job.collation.id])),
    content: sha256(canonicalJson(content)),
  };
}

/** JSON with the fields of every object in order, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
