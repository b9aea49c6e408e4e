import { hash } from 'node:crypto';
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

/** What tells a job from all others. */
export type JobName = {
  /** Hostname of `responseUrl`, in lower case. */
  client: string;
  key: string;
  responseUrl: string;
};

/** The SHA-256 by which a job is found. */
export function identityOf({ client, key, responseUrl }: JobName): Buffer {
  return sha256(JSON.stringify([client, key, responseUrl]));
}

/** The SHA-256 of who holds places in line. */
export function submitterOf(client: string, { type, id }: Collation): Buffer {
  return sha256(JSON.stringify([client, type, id]));
}

/**
 * Works out who a job is.
 *
 * `priority` and `collation` are no content: they count only when a job gets a new place, so a PUT that differs in them
 * alone changes nothing. The order of an object's fields does not matter either.
 *
 * @see docs/job-lifecycle.md
 */
export function identifyJob(job: JobName & { collation: Collation; config: GradingJobConfig }): JobIdentity {
  const { priority: _, collation: __, ...content } = job.config;
  return {
    identity: identityOf(job),
    submitter: submitterOf(job.client, job.collation),
    content: sha256(canonicalJson(content)),
  };
}

/** JSON with the fields of every object in order, so that equal values have equal texts. Of values that JSON has. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

/** Made anew field by field: a function that JSON.stringify() asks for each value takes twice as long, in every PUT. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const fields: Record<string, unknown> = { ...value };
  const names = Object.keys(fields).sort();
  // Only there to assign to it would set a prototype.
  if (Object.hasOwn(fields, '__proto__'))
    return Object.fromEntries(names.map((name) => [name, inOrder(fields[name])]));
  const ordered: Record<string, unknown> = {};
  for (const name of names) ordered[name] = inOrder(fields[name]);
  return ordered;
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
