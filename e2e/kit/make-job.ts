import { baseImageSha, type GradingJobConfig } from '@orca/protocol';
import type { FakeClient } from './fake-client.ts';

/** A job on the base image that reads one small file; `overrides` replaces whole fields. */
export function makeJob(
  client: FakeClient,
  key: string,
  overrides: Partial<GradingJobConfig> = {},
): GradingJobConfig {
  return {
    key,
    collation: { type: 'user', id: `student of ${key}` },
    metadata_table: { course: 'CS 1' },
    files: {
      submission: {
        url: client.serve(`/files/${encodeURIComponent(key)}/hello.txt`, 'hello\n'),
        mime_type: 'text/plain',
        should_replace_paths: false,
      },
    },
    priority: 0,
    script: [{ cmd: ['cat', '$EXTRACTED/submission/hello.txt'], on_complete: 'output' }],
    response_url: `${client.url}/results`,
    grader_image_sha: baseImageSha(),
    ...overrides,
  };
}
