import { type Database, findJobRow, findResult, type JobRow, listResults } from '@orca/database';
import type { ReceivedPost } from '../kit/fake-client.ts';
import { isResult, type SoakClient, webhookIdOf } from './soak-client.ts';
import type { Entry } from './submit-jobs.ts';

/** What came out of a soak, in sentences; all lists are empty when all is well. */
export interface Verdict {
  /** Jobs without an end, or whose end the client was not told: I1. */
  readonly lost: string[];
  /** Results of one content that are two, or that nobody knows: I3. */
  readonly doubled: string[];
  /** Whatever else does not hold: I2, I5, I6, I8, and what the results say. */
  readonly wrong: string[];
  /** How many contents ended in which way. */
  readonly ends: { graded: number; cancelled: number; failed: number };
  /** Results that the client had twice, under one id and with the same bytes, as the contract allows. */
  readonly repeated: number;
}

const FAULTS_OF_OURS_MAX = 3;
const SECOND_MS = 1_000;

/** What the client had, as far as it is judged. */
export type Received = Pick<SoakClient, 'posts' | 'takenAt' | 'fetchedAt'>;

/** Compares what the client put and got with what the database has, job by job. */
export async function judge(
  entries: readonly Entry[],
  { client, db }: { readonly client: Received; readonly db: Database },
): Promise<Verdict> {
  const posts = Map.groupBy(client.posts.filter(isResult), ({ json }) => json.key ?? '');
  const verdict: Omit<Verdict, 'repeated'> = {
    ...{ lost: [], doubled: [], wrong: [] },
    ends: { graded: 0, cancelled: 0, failed: 0 },
  };
  let repeated = 0;
  for (const entry of entries) {
    const received = posts.get(entry.job.key) ?? [];
    repeated += received.length - new Set(received.map(webhookIdOf)).size;
    await judgeJob(entry, received, { client, db, verdict });
    posts.delete(entry.job.key);
  }
  for (const key of posts.keys()) verdict.doubled.push(`A result came for "${key}", which was never put`);
  return { ...verdict, repeated };
}

interface Scales {
  readonly client: Received;
  readonly db: Database;
  readonly verdict: Omit<Verdict, 'repeated'>;
}

async function judgeJob(entry: Entry, received: ReceivedPost[], scales: Scales): Promise<void> {
  const { client, db, verdict } = scales;
  const { key } = entry.job;
  const [id = -1, ...others] = entry.ids;
  if (others.length > 0) verdict.doubled.push(`"${key}" is ${entry.ids.size} jobs`);
  const row = await findJobRow(db, id);
  if (row?.state !== 'finished')
    return void verdict.lost.push(`"${key}" (job ${id}) is ${row?.state ?? 'gone'}`);
  const results = new Map((await listResults(db, id)).map((result) => [result.gradingId, result]));
  const last = [...results.values()].find(({ generation }) => generation === row.generation);
  if (last === undefined || !client.takenAt.has(last.gradingId))
    verdict.lost.push(`The client does not have the result of "${key}" (job ${id})`);
  for (const { outcome } of results.values()) verdict.ends[outcome] += 1;

  let newest = 0;
  for (const post of received) {
    const result = results.get(webhookIdOf(post));
    if (result === undefined) {
      verdict.doubled.push(`"${key}" (job ${id}) got result ${webhookIdOf(post)}, which is none of its own`);
      continue;
    }
    // I6
    if (result.generation < newest) verdict.wrong.push(`"${key}" got an older result after a newer one`);
    newest = Math.max(newest, result.generation);
    // I2
    const stored = await findResult(db, id, result.generation);
    if (stored === null || !post.body.equals(Buffer.from(stored.body)))
      verdict.wrong.push(`"${key}" got other bytes than were stored under ${result.gradingId}`);
    const isLast = result.generation === row.generation;
    verdict.wrong.push(...contentProblems(entry, post, { outcome: result.outcome, row, isLast }));
  }
  verdict.wrong.push(...clockProblems(entry, client));
}

/** I8, and that what was graded is what was put. */
function contentProblems(
  { job, outputs, cancel }: Entry,
  { json }: ReceivedPost,
  { outcome, row, isLast }: { outcome: string; row: JobRow; isLast: boolean },
): string[] {
  const problems: string[] = [];
  const errors = json.errors ?? [];
  const said = `"${job.key}" (job ${row.jobId}), ${outcome}, says ${JSON.stringify({ output: json.output, errors })}`;
  if (outcome === 'graded') {
    const expected = isLast ? outputs.slice(-1) : outputs;
    if (errors.length > 0 || !expected.includes(json.output ?? '')) problems.push(said);
    if (isLast && cancel === 'done') problems.push(`${said}, and was cancelled`);
  } else if (outcome === 'cancelled') {
    if (!errors[0]?.startsWith('JobCancelled') || !['done', 'unclear'].includes(cancel)) problems.push(said);
  } else {
    const isOurs =
      (errors[0]?.startsWith('InfrastructureFailed') && (!isLast || row.faults === FAULTS_OF_OURS_MAX)) ||
      (errors[0]?.startsWith('ImageBuildFailed') && job.image !== null);
    if (!isOurs || json.output !== undefined) problems.push(said);
  }
  return problems;
}

/** I5: the worker fetches a job's file first of all. */
function clockProblems({ job, sentAt }: Entry, { fetchedAt }: Received): string[] {
  const at = fetchedAt.get(job.key);
  if (at === undefined || at >= sentAt + job.delaySeconds * SECOND_MS) return [];
  return [`"${job.key}" was begun ${sentAt + job.delaySeconds * SECOND_MS - at} ms before its release`];
}
