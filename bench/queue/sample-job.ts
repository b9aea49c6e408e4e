import { baseImageSha, type GradingJobConfig } from '@orca/protocol';

/** A job as the queue takes it. */
export type SampleJob = {
  client: string;
  key: string;
  responseUrl: string;
  collation: GradingJobConfig['collation'];
  config: GradingJobConfig;
  delaySeconds: number;
  immediate: boolean;
};

/** Where the sample's number stands in the text of a job that many are to be made of. */
export const PLACEHOLDER = '@number@';

export const CLIENT = 'course.example.edu';

/** Jobs that one student sends: a submitter's places are looked at for some, not for a million. */
const JOBS_OF_A_STUDENT = 3;
const RESULT_BYTES = 2_048;

/** A job of usual size (about 1.5 KB), told apart by its number. */
export function sampleJob(number: number | typeof PLACEHOLDER): SampleJob {
  const student = typeof number === 'number' ? Math.floor(number / JOBS_OF_A_STUDENT) : number;
  const key = JSON.stringify({ grade: `${number}`, secret: 'b1946ac92492d2347c6235b4d2611184' });
  const responseUrl = `https://${CLIENT}/api/grades/update`;
  const collation = { type: 'user', id: `student-${student}` } as const;
  const config: GradingJobConfig = {
    key,
    collation,
    metadata_table: { course: 'Fundamentals 2', assignment: 'Homework 7', submission: `${number}` },
    files: {
      submission: file(`uploads/submissions/${number}.zip`),
      starter: file('uploads/assignments/7/starter.zip'),
      tests: file('uploads/assignments/7/grading/tests.zip'),
      library: file('resources/tester.jar'),
    },
    priority: 0,
    script: [
      { cmd: ['mkdir', '-p', '$BUILD/classes'] },
      { cmd: 'cp -r $EXTRACTED/submission/* $EXTRACTED/tests/* $BUILD', on_fail: 'abort' },
      { cmd: 'javac -cp $EXTRACTED/library/tester.jar -d $BUILD/classes $BUILD/*.java', timeout: 60 },
      { cmd: 'java -cp $EXTRACTED/library/tester.jar:$BUILD/classes GradeMain', on_complete: 'output' },
    ],
    response_url: responseUrl,
    grader_image_sha: baseImageSha(),
  };
  return { client: CLIENT, key, responseUrl, collation, config, delaySeconds: 0, immediate: false };
}

function file(path: string): GradingJobConfig['files'][string] {
  const signature = 'X-Signature=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  const url = `https://${CLIENT}/${path}?${signature}`;
  return { url, mime_type: 'application/zip', should_replace_paths: false };
}

/** A result of usual size, 2 KiB of JSON. */
export function sampleResult(): string {
  const line = (number: number): string =>
    `ok ${number} - Examples.testMethod${number * 37} took ${number * 13} ms`;
  const lines = Array.from({ length: RESULT_BYTES }, (_, number) => line(number)).join('\n');
  const start = JSON.stringify({ key: 'key', output: '', shell_responses: [] }).length;
  return JSON.stringify({ key: 'key', output: lines.slice(0, RESULT_BYTES - start), shell_responses: [] });
}

/** The number that a queue's payload was made of. */
export function numberOf(payload: unknown): number {
  if (typeof payload === 'object' && payload !== null && 'key' in payload)
    return Number(JSON.parse(String(payload.key)).grade);
  throw new TypeError('Cannot read the number of a job: the queue has handed over something else');
}
