import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseImageSha, parseGradingJob } from '@orca/protocol';
import { type FilledJob, fillJob } from './fill-job.ts';

const BASE = 'file:///home/ada/course/';
const SCRIPT = [{ cmd: 'true', on_complete: 'output' }];

const jobOf = (value: unknown): Extract<FilledJob, { kind: 'filled' }>['job'] => {
  const filled = fillJob(value, BASE);
  assert.ok(filled.kind === 'filled', JSON.stringify(filled));
  return filled.job;
};

const errorsOf = (value: unknown): readonly string[] => {
  const filled = fillJob(value, BASE);
  return filled.kind === 'invalid' ? filled.errors : [];
};

test('fillJob() makes a job that a server would take of a script alone', () => {
  const job = jobOf(SCRIPT);
  assert.deepEqual(job.script, SCRIPT);
  assert.equal(job.grader_image_sha, baseImageSha());
  assert.equal(parseGradingJob(job).kind, 'valid');
});

test('fillJob() keeps what is written', () => {
  const job = jobOf({ script: SCRIPT, key: 'k', priority: 5, collation: { type: 'team', id: '7' } });
  assert.deepEqual([job.key, job.priority, job.collation.id], ['k', 5, '7']);
});

test('fillJob() makes local URLs absolute by one rule, and guesses mime types', () => {
  const files = {
    beside: { url: 'file:tests.tar.gz' },
    below: { url: 'file:sub/a%20b.ZIP', mime_type: 'text/plain', should_replace_paths: true },
    above: { url: 'file:../x.py' },
    absolute: { url: 'FILE:///srv/y.7z' },
    remote: { url: 'http://127.0.0.1:8000/z.gz?token=a.zip' },
  };
  const job = jobOf({ script: SCRIPT, files });
  assert.deepEqual(
    Object.values(job.files).map(({ url, mime_type, should_replace_paths }) => [
      url,
      mime_type,
      should_replace_paths,
    ]),
    [
      ['file:///home/ada/course/tests.tar.gz', 'application/x-gtar', false],
      ['file:///home/ada/course/sub/a%20b.ZIP', 'text/plain', true],
      ['file:///home/ada/x.py', 'application/octet-stream', false],
      ['file:///srv/y.7z', 'application/x-7z-compressed', false],
      ['http://127.0.0.1:8000/z.gz?token=a.zip', 'application/gzip', false],
    ],
  );
});

test('fillJob() says what is wrong by JSON path, as the API does', () => {
  assert.match(
    errorsOf({ script: SCRIPT, files: { a: { url: 'ftp://x/y' } } })[0] ?? '',
    /^files\.a\.url: must be an http/,
  );
  assert.match(
    errorsOf({ script: SCRIPT, files: { a: { url: 'file://server/y' } } })[0] ?? '',
    /^files\.a\.url: must name a file of this machine/,
  );
  assert.match(
    errorsOf({ script: SCRIPT, files: { a: { url: 'file:folder/' } } })[0] ?? '',
    /^files\.a\.url/,
  );
  assert.match(errorsOf({ files: {} })[0] ?? '', /script/);
  assert.match(errorsOf({ script: SCRIPT, limit: 1 })[0] ?? '', /limit/);
  for (const value of [null, 1, 'x', [], { script: SCRIPT, files: [] }, { script: SCRIPT, files: { a: 1 } }])
    assert.ok(errorsOf(value).length > 0, JSON.stringify(value));
});
