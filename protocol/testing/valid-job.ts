import type { GradingJobConfig } from '../grading-job.ts';

/** A job that nothing is wrong with, to be changed in one place by a test. */
export function validJob(): GradingJobConfig {
  return {
    key: '{"grade_id":7,"secret":"s3cret"}',
    collation: { type: 'user', id: 'ada' },
    metadata_table: { course: 'CS 2500', 'due date': 'Friday' },
    files: {
      submission: {
        url: 'https://course.example.edu/files/7.zip?token=t0ken',
        mime_type: 'application/zip',
        should_replace_paths: false,
      },
    },
    priority: 60,
    script: [{ cmd: ['make', 'check'], on_complete: 'output', timeout: 2.5, label: 'check' }],
    response_url: 'https://course.example.edu/grades/7',
    grader_image_sha: 'a1'.repeat(32),
  };
}
