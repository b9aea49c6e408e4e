import { setTimeout as pause } from 'node:timers/promises';
import type { OrcaApi } from '../system/orca-api.ts';
import type { CourseSite, FileCounts } from './course-site.ts';
import { keyOf, type Night } from './night.ts';
import { tellProgress } from './tell-progress.ts';

const SECOND_MS = 1_000;
const WARM_UP = 'warm-up';

/** One submission, as it went; times by the server's clock, in seconds from the first hand-in. */
export type GradedSubmission = {
  student: string;
  arrivedSeconds: number;
  claimedSeconds: number;
  endedSeconds: number;
};

/** What grading by Orca came to. */
export type OrcaNight = {
  /** From the first hand-in to the last result at the course site. */
  makespanSeconds: number;
  submissions: GradedSubmission[];
  /** What the grader printed, by the index of the submission. */
  outputs: string[];
  files: FileCounts;
};

/**
 * Hands in the night's submissions as they come, and waits for all results.
 *
 * @param say told every ten seconds how far it is
 */
export async function gradeByOrca(
  night: Night,
  api: OrcaApi,
  site: CourseSite,
  say: (line: string) => void,
): Promise<OrcaNight> {
  await warmUp(night, api, site);
  const before = { ...site.counts };
  const all = night.submissions.length;
  let put = 0;
  let back = 0;
  using _ = tellProgress(() => `${put} of ${all} handed in, ${back} results back`, say);
  const beganMs = performance.now();
  const coming = night.submissions.map(async (_submission, index) => {
    const result = await site.resultOf(keyOf(index));
    back += 1;
    return result;
  });
  const ids = await Promise.all(
    night.submissions.map(async ({ atSeconds, job }) => {
      await pause(Math.max(0, beganMs + atSeconds * SECOND_MS - performance.now()));
      const id = await api.put(job);
      put += 1;
      return id;
    }),
  );
  const results = await Promise.all(coming);
  const bad = results.find(({ errors }) => errors.length > 0);
  if (bad !== undefined)
    throw new Error(`Cannot compare: a result has errors: ${JSON.stringify(bad.errors)}`);
  const firstMs = beganMs + (night.submissions[0]?.atSeconds ?? 0) * SECOND_MS;
  const lastMs = Math.max(...results.map(({ atMs }) => atMs));
  return {
    makespanSeconds: (lastMs - firstMs) / SECOND_MS,
    submissions: await readTimes(night, ids, api),
    outputs: results.map(({ output }) => output),
    files: {
      bodies: site.counts.bodies - before.bodies,
      notModified: site.counts.notModified - before.notModified,
    },
  };
}

/** One job aside, so that the image is loaded; its files are other URLs than the night's. */
async function warmUp({ submissions }: Night, api: OrcaApi, site: CourseSite): Promise<void> {
  const job = submissions[0]?.job;
  if (job === undefined) throw new Error('Cannot begin the night: nothing is handed in');
  const files = Object.fromEntries(
    Object.entries(job.files).map(([name, file]) => [name, { ...file, url: `${file.url}?${WARM_UP}` }]),
  );
  await api.put({ ...job, files, key: WARM_UP, collation: { type: 'user', id: WARM_UP } });
  await site.resultOf(WARM_UP);
}

async function readTimes(
  { submissions }: Night,
  ids: readonly number[],
  api: OrcaApi,
): Promise<GradedSubmission[]> {
  const times: GradedSubmission[] = [];
  for (const [index, id] of ids.entries()) {
    const job = await api.call('GET', `/api/v1/jobs/${id}`);
    const student = submissions[index]?.student ?? '';
    const [arrivedSeconds, claimedSeconds, endedSeconds] = ['arrived_at', 'claimed_at', 'finished_at'].map(
      (name) => secondsOf(job, name),
    );
    if (arrivedSeconds === undefined || claimedSeconds === undefined || endedSeconds === undefined)
      throw new Error(`Cannot read the times of job ${id}`);
    times.push({ student, arrivedSeconds, claimedSeconds, endedSeconds });
  }
  const first = Math.min(...times.map(({ arrivedSeconds }) => arrivedSeconds));
  return times.map(({ student, ...rest }) => ({
    student,
    arrivedSeconds: rest.arrivedSeconds - first,
    claimedSeconds: rest.claimedSeconds - first,
    endedSeconds: rest.endedSeconds - first,
  }));
}

function secondsOf(job: unknown, name: string): number {
  const time = typeof job === 'object' && job !== null ? String(Reflect.get(job, name)) : '';
  return Date.parse(time) / SECOND_MS;
}
