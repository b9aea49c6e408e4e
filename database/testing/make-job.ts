import { baseImageSha, type GradingJobConfig } from '@orca/protocol';
import type { NewJob } from '../queue/enqueue.ts';

/** What of a made job matters to a test. */
export type MadeJob = {
  key?: string;
  client?: string;
  /** `collation.id` of a user. */
  user?: string;
  /** Told apart by their content. */
  content?: string;
  delaySeconds?: number;
  immediate?: boolean;
  imageSha?: string;
};

/** Makes a valid job as the API would queue it. */
export function makeJob(made: MadeJob = {}): NewJob {
  const {
    key = 'job-1',
    client = 'course.example.edu',
    user = 'ada',
    delaySeconds = 0,
    immediate = false,
  } = made;
  const responseUrl = `https://${client}/grades/1/update`;
  const collation = { type: 'user', id: user } as const;
  const config: GradingJobConfig = {
    key,
    collation,
    metadata_table: { content: made.content ?? 'first' },
    files: {
      submission: {
        url: `https://${client}/1.zip`,
        mime_type: 'application/zip',
        should_replace_paths: false,
      },
    },
    priority: delaySeconds,
    script: [{ cmd: 'true', on_complete: 'output' }],
    response_url: responseUrl,
    grader_image_sha: made.imageSha ?? baseImageSha(),
  };
  return { client, key, responseUrl, collation, config, delaySeconds, immediate };
}
