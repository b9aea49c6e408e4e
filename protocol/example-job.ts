/** A job for people to begin with: it stands in the document of the API, and is valid. Its image is the base image. */
export const EXAMPLE_JOB = {
  key: 'submission 1 of ada',
  collation: { type: 'user', id: 'ada' },
  metadata_table: { assignment: 'Hello' },
  files: {
    submission: {
      url: 'http://127.0.0.1:8000/hello.py',
      mime_type: 'text/x-python',
      should_replace_paths: false,
    },
  },
  priority: 0,
  script: [
    { cmd: 'cp $EXTRACTED/submission/hello.py $BUILD' },
    { cmd: ['python3', 'hello.py'], working_dir: '$BUILD', timeout: 10, on_complete: 'output' },
  ],
  response_url: 'http://127.0.0.1:8000/results',
  grader_image_sha: 'b114bc5f21f0f99513c4bbe94d851dc8a48bf1edc214edf58d1811c1cc04f28f',
} as const;
