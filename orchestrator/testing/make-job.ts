import { baseImageSha, type GradingJobConfig } from '@orca/protocol';

/** A small valid job; `overrides` replaces whole fields. */
export function makeJob(overrides: Partial<GradingJobConfig> = {}): GradingJobConfig {
  return {
    key: '{"grade":17,"secret":"s3cret"}',
    collation: { type: 'user', id: '42' },
    metadata_table: { course: 'CS 1' },
    files: {
      submission: {
        url: 'http://course.example.edu/files/hello.zip?signature=s3cret',
        mime_type: 'application/zip',
        should_replace_paths: false,
      },
    },
    priority: 0,
    script: [{ cmd: 'true', on_complete: 'output' }],
    response_url: 'http://course.example.edu/grades/17?token=s3cret',
    grader_image_sha: baseImageSha(),
    ...overrides,
  };
}
