import type pg from 'pg';
import { identifyJob } from '../queue/identify.ts';
import { inLine, type Model } from '../queue/model.ts';
import { makeJob } from './make-job.ts';

/** A whole queue in comparable form. */
export type QueueDescription = { jobs: string[]; line: string[]; aside: string[]; results: string[] };

function submitterOf(user: string): string {
  return identifyJob(makeJob({ user })).submitter.toString('hex');
}

/** Describes the queue of a model. */
export function describeModel(model: Model): QueueDescription {
  return {
    jobs: model.jobs
      .map(({ name, submitter, state, generation, faults, isImmediate, isNamed, outcome }) =>
        [name, submitterOf(submitter), state, generation, faults, outcome ?? 'no outcome']
          .concat(state === 'held' || state === 'waiting' ? [String(isImmediate), String(isNamed)] : [])
          .join(' '),
      )
      .sort(),
    line: inLine(model).map(({ submitter, names }) => `${submitterOf(submitter)} ${names ?? '-'}`),
    aside: model.places
      .filter(({ heldFor, notBefore }) => heldFor !== null || notBefore !== null)
      .map(({ submitter, names, heldFor, notBefore }) =>
        [submitterOf(submitter), names ?? '-', heldFor ?? '-', String(notBefore !== null)].join(' '),
      )
      .sort(),
    results: [...model.results].sort(),
  };
}

/** Describes the queue of a database in the same way. */
export async function describeDatabase(client: pg.Client): Promise<QueueDescription> {
  const answer = await client.query<{ state: QueueDescription }>(DESCRIBE);
  const [row] = answer.rows;
  if (row === undefined) throw new Error('Cannot describe the queue: the statement gave no row');
  return row.state;
}

/**
 * Compares jobs with what their events tell: the newest must say what the job is, and none what the one before it said.
 *
 * @returns a line for each that does not fit
 */
export async function findUntoldChanges(client: pg.Client): Promise<string[]> {
  const answer = await client.query<{ line: string }>(UNTOLD);
  return answer.rows.map(({ line }) => line);
}

const UNTOLD = `
  with told as (
    select job_id, (state, generation, faults, outcome)::text as told, id,
      lag((state, generation, faults, outcome)::text) over (partition by job_id order by id) as before,
      row_number() over (partition by job_id order by id desc) as age
    from orca.job_events where kind = 'state'
  )
  select concat_ws(' ', 'job', j.id, 'is', (j.state, j.generation, j.faults, j.outcome)::text, 'and said to be', told)
    as line
  from orca.jobs j left join told on told.job_id = j.id and age = 1
  where told is distinct from (j.state, j.generation, j.faults, j.outcome)::text
  union all
  select concat_ws(' ', 'job', job_id, 'is told twice to be', told) from told where told = before`;

/** In binary order, as JavaScript sorts. */
const DESCRIBE = `
  select json_build_object(
    'jobs', (select coalesce(json_agg(line), '[]') from (
      select concat_ws(' ', config->>'key', encode(submitter, 'hex'), state, generation, faults,
        coalesce(outcome::text, 'no outcome'),
        case when state in ('held', 'waiting') then is_immediate::text || ' ' || is_named::text end) as line
      from orca.jobs order by 1) as jobs),
    'line', (select coalesce(json_agg(line), '[]') from (
      select concat_ws(' ', encode(r.submitter, 'hex'), coalesce(j.config->>'key', '-')) as line
      from orca.reservations r left join orca.jobs j on j.id = r.job_id
      where held_job_id is null and not_before is null order by r.release_at, r.id) as line),
    'aside', (select coalesce(json_agg(line), '[]') from (
      select concat_ws(' ', encode(r.submitter, 'hex'), coalesce(j.config->>'key', '-'),
        coalesce(h.config->>'key', '-'), (not_before is not null)::text) as line
      from orca.reservations r
      left join orca.jobs j on j.id = r.job_id left join orca.jobs h on h.id = r.held_job_id
      where held_job_id is not null or not_before is not null order by 1) as aside),
    'results', (select coalesce(json_agg(line), '[]') from (
      select concat_ws(' ', j.config->>'key', r.generation, r.outcome) as line
      from orca.results r join orca.jobs j on j.id = r.job_id order by 1) as results)
  ) as state`;
