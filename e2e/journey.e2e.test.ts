import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containersOf } from './kit/containers.ts';
import { makeJob } from './kit/make-job.ts';
import { startOrca } from './kit/start-orca.ts';

test('a job goes from PUT to a signed result at the client, field by field as in the contract', async () => {
  await using orca = await startOrca();
  const worker = await orca.startWorker();
  const key = '{"grade":17,"secret":"s3cr3t \\" \u{1F40B}"}';
  const job = makeJob(orca.client, key, {
    script: [
      { cmd: 'echo "working in $BUILD"; echo oops >&2; exit 3', on_fail: 'tests' },
      { cmd: ['never', 'run'] },
      { label: 'tests', cmd: ['cat', '$EXTRACTED/submission/hello.txt'], on_complete: 'output' },
    ],
  });

  const { status, body } = await orca.put(job);
  assert.equal(status, 200);
  assert.equal(body.message, 'OK');
  assert.equal(body.status?.location, 'Queue');
  const jobId = body.status?.id ?? 0;

  const { json, headers } = await orca.client.waitForResult(key);
  assert.equal(json.key, key);
  assert.deepEqual(json.errors, []);
  assert.deepEqual(json.error_codes, []);
  assert.equal(json.output, 'hello');
  const [first, second, ...more] = json.shell_responses ?? [];
  assert.equal(more.length, 0);
  assert.equal(first?.cmd, 'echo "working in $BUILD"; echo oops >&2; exit 3');
  assert.equal(first?.stdout, 'working in $BUILD');
  assert.equal(first?.stderr, 'oops');
  assert.equal(first?.is_error, true);
  assert.equal(first?.status_code, 3);
  assert.equal(first?.timed_out, false);
  assert.equal(first?.did_timeout, false);
  assert.deepEqual(second?.cmd, ['cat', '$EXTRACTED/submission/hello.txt']);
  assert.equal(second?.stdout, 'hello');
  assert.equal(second?.status_code, 0);
  assert.equal(second?.is_error, false);
  assert.equal(json.grading_id, headers['webhook-id']);
  assert.match(String(headers['webhook-signature']), /^v1,[A-Za-z0-9+/]{43}=$/);
  assert.ok((json.timings?.total_ms ?? -1) >= (json.timings?.commands_ms ?? 0));

  const statuses = orca.client.posts.filter((post) => post.json.status !== undefined);
  for (const post of statuses) assert.deepEqual(Object.keys(post.json).sort(), ['key', 'status']);
  assert.deepEqual(
    statuses.map((post) => post.json.status),
    [{ location: 'Worker', id: jobId }],
  );
  assert.match(await orca.statusOf(jobId), /graded/i);
  assert.equal(await worker.stop(), 0);
  assert.deepEqual(
    await containersOf(orca.databaseUrl),
    [],
    'none is left, not even one that waited for a job',
  );
});

test('the public routes answer a sentence for any id and count the jobs', async () => {
  await using orca = await startOrca();
  const { body } = await orca.put(makeJob(orca.client, 'first'));
  await orca.put(makeJob(orca.client, 'second'));

  assert.match(await orca.statusOf(body.status?.id ?? 0), /^Your job is number 1 in the queue\./);
  assert.match(await orca.statusOf(987654321), /[a-z]/);
  const status = await fetch(`${orca.url}/api/v1/status`);
  assert.deepEqual(await status.json(), { message: 'ok', numJobs: 2 });
  const page = await fetch(`${orca.url}/api/v1/holding_pen/${body.status?.id}/status`);
  assert.equal(page.headers.get('access-control-allow-origin'), '*');
  assert.equal((await fetch(orca.url)).status, 200);
});

test('a key, a response_url and the file URLs are nowhere in a container, and no log shows them', async () => {
  await using orca = await startOrca();
  const worker = await orca.startWorker();
  const job = makeJob(orca.client, 'zebra-secret', {
    script: [
      { cmd: 'env; cat /proc/*/cmdline /proc/*/environ 2>/dev/null | tr "\\0" "\\n"', on_complete: 'next' },
      {
        cmd: 'grep -rIl -e zebra-secret -e /results /work /tmp /home /etc 2>/dev/null; true',
        on_complete: 'output',
      },
    ],
  });
  await orca.put(job);
  const { json } = await orca.client.waitForResult('zebra-secret');
  const seen = JSON.stringify(json.shell_responses);
  // The command itself names the words, so only what was printed counts.
  const printed = (json.shell_responses ?? []).map((response) => response.stdout).join('\n');
  assert.ok(seen.includes('PATH='), 'the environment was printed at all');
  for (const line of printed.split('\n').filter((text) => !text.includes('grep ')))
    assert.doesNotMatch(line, /zebra-secret|\/results|POSTGRES|API_KEY/);
  for (const log of [worker.log(), orca.server.log()])
    assert.doesNotMatch(log, /zebra-secret|\/results|files\/zebra/);
});
