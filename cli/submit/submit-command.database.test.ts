import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { claimJob, createApiKey, type Database, finishJob } from '@orca/database';
import { baseImageSha } from '@orca/protocol';
import { startOrca } from '../images/testing/start-orca.ts';
import { REPOSITORY } from '../repository.ts';

const JOB = {
  key: 'k',
  collation: { type: 'user', id: 'ada' },
  metadata_table: {},
  files: {},
  priority: 0,
  script: [{ cmd: 'true', on_complete: 'output' }],
  response_url: 'http://course.example.edu/results?secret=s3cret',
  grader_image_sha: baseImageSha(),
};

const DEADLINE_MS = 60_000;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `orca submit - …` with a job on its standard input. */
async function submit(job: unknown, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const main = join(REPOSITORY.root, 'cli/main.ts');
  const child = spawn(process.execPath, [main, 'submit', '-', ...args], { env, cwd: '/' });
  child.stdin.end(typeof job === 'string' ? job : JSON.stringify(job));
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout, stderr };
}

test('orca submit sends a job, says its number and where it is, and where its result goes', async () => {
  await using orca = await startOrca();
  const env = { ORCA_SERVER: `${orca.url}/` };
  const first = await submit(JOB, [], env);
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^Job \d+\nYour job is number 1 in the queue\.\n$/);
  assert.equal(first.stderr, 'The result goes to the response_url of the job, at course.example.edu\n');
  const other = await submit(
    { ...JOB, key: 'l', collation: { type: 'user', id: 'bob' }, limits: { wall_seconds: 9_000 } },
    ['--json'],
    env,
  );
  const report = JSON.parse(other.stdout);
  assert.deepEqual(
    [report.location, report.sentence, report.state],
    ['Queue', 'Your job is number 2 in the queue.', null],
  );
  assert.match(other.stderr, /^warning limits\.wall_seconds: lowered from 9000/);
});

test('orca submit has status 2 and the sentences of the server for a job that it does not take', async () => {
  await using orca = await startOrca();
  const { status, stdout, stderr } = await submit(
    { ...JOB, script: [] },
    ['--server', orca.url, '--json'],
    {},
  );
  assert.equal(status, 2);
  assert.match(stderr, /^standard input: the server does not take this job\n {2}script/);
  assert.match(JSON.parse(stdout).errors[0], /^script/);
  assert.equal((await submit('{', ['--server', orca.url], {})).status, 2);
});

test('orca submit uses a key and never shows it, and says what to do where one is missing', async () => {
  await using orca = await startOrca();
  const keySha256 = createHash('sha256').update('s3cret').digest();
  await createApiKey(orca.db, { keySha256, role: 'client', hostnames: ['course.example.edu'] });
  const env = { ORCA_SERVER: orca.url };
  const right = await submit(JOB, [], { ...env, ORCA_API_KEY: 's3cret' });
  assert.equal(right.status, 0, right.stderr);
  const wrong = await submit(JOB, ['--key', 'a-wrong-secret'], env);
  assert.equal(wrong.status, 1);
  assert.match(
    wrong.stderr,
    /wants a key that it knows, for the host of response_url\. Set ORCA_API_KEY, or use --key\n$/,
  );
  assert.doesNotMatch(wrong.stderr + wrong.stdout, /a-wrong-secret/);
});

test('orca submit has status 2 for an address or a key that cannot be one', async () => {
  for (const args of [
    ['--server', 'orca.example.edu'],
    ['--server', 'http://user:pw@x'],
    ['--key', 'a b'],
  ]) {
    const { status, stderr } = await submit(JOB, args, {});
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^Cannot use /);
  }
});

test('orca submit says that nothing listens, and how to go on', async () => {
  const { status, stderr } = await submit(JOB, ['--server', 'http://127.0.0.1:65001'], {});
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^Cannot send the job: nothing answers at http:\/\/127\.0\.0\.1:65001 \(nothing listens there\)\. Start it/,
  );
});

/** Grades the next job as a worker does, as soon as there is one. */
async function gradeNext(
  db: Database,
  outcome: 'graded' | 'failed',
  onClaimed: () => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const job = await claimJob(db, { workerId: 'a test', leaseSeconds: 60 });
    assert.ok(performance.now() < deadline, 'no job came');
    if (job === null) continue;
    await onClaimed();
    const { jobId, leaseToken } = job;
    assert.ok(await finishJob(db, { jobId, leaseToken, outcome, gradingId: `msg_${jobId}`, body: '{}' }));
    return;
  }
}

test('orca submit --wait prints each change, and has status 0 only when the job has been graded', async () => {
  await using orca = await startOrca();
  const args = ['--wait', '--server', orca.url];
  const main = join(REPOSITORY.root, 'cli/main.ts');
  const child = spawn(process.execPath, [main, 'submit', '-', ...args], { env: {}, cwd: '/' });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const isSeen = async (sentence: string): Promise<void> => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!output.includes(sentence)) await once(child.stdout, 'data', { signal });
  };
  const ended = once(child, 'close');
  child.stdin.end(JSON.stringify(JOB));
  await isSeen('number 1 in the queue');
  await gradeNext(orca.db, 'graded', () => isSeen('being graded'));
  assert.deepEqual(await ended, [0, null]);
  assert.match(
    output,
    /^Job \d+\nYour job is number 1 in the queue\.\nYour job is being graded\.\nYour job has been graded\.\n$/,
  );

  const failing = submit({ ...JOB, key: 'other' }, [...args, '--json'], {});
  await gradeNext(orca.db, 'failed', async () => undefined);
  const { status, stdout } = await failing;
  assert.equal(status, 1);
  assert.equal(JSON.parse(stdout).state, 'failed');
});
