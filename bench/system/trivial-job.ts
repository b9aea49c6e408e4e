import { baseImageSha, type GradingJobConfig } from '@orca/protocol';

/** A job of two commands on the base image, with one small file of the course site's. */
export function trivialJob(key: string, siteUrl: string): GradingJobConfig {
  return {
    key,
    collation: { type: 'user', id: key },
    metadata_table: { course: 'Fundamentals 1' },
    files: {
      submission: { url: `${siteUrl}/hello.txt`, mime_type: 'text/plain', should_replace_paths: false },
    },
    priority: 0,
    script: [
      { cmd: ['true'], on_complete: 'next' },
      { cmd: ['cat', '$EXTRACTED/submission/hello.txt'], on_complete: 'output' },
    ],
    response_url: `${siteUrl}/results`,
    grader_image_sha: baseImageSha(),
  };
}
