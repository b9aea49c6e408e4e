import type { Collation } from '@orca/protocol';
import type { NewJob } from './enqueue.ts';

/** What jobs are found by, as `orca.jobs.labels` holds it. A part of it finds all jobs that have that part. */
export type JobLabels = {
  client?: string;
  collation?: Partial<Collation>;
  metadata?: Readonly<Record<string, string>>;
};

/** What a job can be found by, as the JSON text of a `jsonb`. */
export function labelsOf(job: Pick<NewJob, 'client' | 'collation' | 'config'>): string {
  const { client, collation, config } = job;
  return labelText({ client, collation, metadata: config.metadata_table });
}

/**
 * Labels as the JSON text of a `jsonb`, which holds neither NUL nor half of a surrogate pair: both become U+FFFD, in what
 * is stored and in what is looked for alike.
 */
export function labelText(labels: JobLabels): string {
  const { client, collation, metadata } = labels;
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [storable(name), storable(value)]);
  return JSON.stringify({
    client,
    ...(collation === undefined ? {} : { collation: storableCollation(collation) }),
    ...(metadata === undefined ? {} : { metadata: Object.fromEntries(entries) }),
  });
}

function storableCollation({ type, id }: Partial<Collation>): Partial<Collation> {
  return { ...(type === undefined ? {} : { type }), ...(id === undefined ? {} : { id: storable(id) }) };
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
