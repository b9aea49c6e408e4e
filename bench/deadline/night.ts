import { fileURLToPath } from 'node:url';
import { type Example, loadExamples, type PlannedSubmission, planSubmissions } from '@orca/cli/demo';
import { makeTrace } from '@orca/cli/simulate';
import type { GradingJobConfig } from '@orca/protocol';
import type { DeadlineScale } from './scale.ts';

/** One submission of the night. */
export type NightSubmission = {
  /** Which of the example's submissions it is. */
  sample: string;
  student: string;
  /** When it is handed in, in seconds from the night's beginning. */
  atSeconds: number;
  job: GradingJobConfig;
};

/** The night's example, and what is handed in, in its order. */
export type Night = { example: Example; samples: PlannedSubmission[]; submissions: NightSubmission[] };

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const SEED = 1;

/** Plans the night, the same one each time. */
export async function planNight(
  scale: DeadlineScale,
  site: { responseUrl: string; filesUrl(example: string): string },
): Promise<Night> {
  const [example] = await loadExamples(EXAMPLES, [scale.example]);
  if (example === undefined) throw new Error(`Cannot find the example "${scale.example}"`);
  const samples = planSubmissions(example, site).filter(({ submission }) =>
    scale.submissions.includes(submission),
  );
  const { students, repeatersPercent, repeats, windowSeconds } = scale;
  const trace = makeTrace({
    ...{ students, repeatersPercent, repeats, windowSeconds, seed: SEED, shape: 'even' },
    gradingTimes: { kind: 'constant', seconds: 0 },
  });
  const submissions = trace.map(({ submitter: student, atSeconds }, index) => {
    const sample = samples[index % samples.length];
    if (sample === undefined)
      throw new Error(`Cannot hand in "${scale.example}": it has no such submissions`);
    const job = { ...sample.job, key: keyOf(index), collation: { type: 'user', id: student } as const };
    return { sample: sample.submission, student, atSeconds, job };
  });
  return { example, samples, submissions };
}

/** The key of a submission's job, by its place in the night. */
export function keyOf(index: number): string {
  return `submission ${index}`;
}
