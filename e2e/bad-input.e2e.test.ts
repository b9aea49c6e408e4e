import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeJob } from './kit/make-job.ts';
import { startOrca } from './kit/start-orca.ts';
import { waitFor } from './kit/wait-for.ts';

const MIB = 1024 * 1024;

/** A file entry whose URL leads to `url`. */
const file = (url: string, mimeType = 'text/plain') => ({
  files: { submission: { url, mime_type: mimeType, should_replace_paths: false } },
});

test('a bad request is answered with sentences, and nothing is stored', async () => {
  await using orca = await startOrca();
  const good = makeJob(orca.client, 'k');
  const cases: [what: string, body: string, status: number, says: RegExp][] = [
    ['malformed JSON', '{"key": ', 400, /JSON/],
    ['an unknown field', JSON.stringify({ ...good, responce_url: 'x' }), 400, /responce_url.*response_url/],
    ['a wrong type', JSON.stringify({ ...good, priority: '60' }), 400, /priority/],
    ['a missing field', JSON.stringify({ ...good, script: undefined }), 400, /script/],
    [
      'a cycle',
      JSON.stringify({ ...good, script: [{ cmd: 'a', label: 'x', on_complete: 'x' }] }),
      400,
      /script\[0\]/,
    ],
    ['an unknown image', JSON.stringify({ ...good, grader_image_sha: 'a'.repeat(64) }), 400, /image/],
    ['a body past 1 MiB', JSON.stringify({ ...good, key: 'k'.repeat(MIB + 1) }), 413, /1 MiB|1048576|large/i],
  ];
  for (const [what, body, status, says] of cases) {
    const answer = await orca.put(body);
    assert.equal(answer.status, status, what);
    assert.match(answer.body.errors?.join('\n') ?? '', says, what);
    assert.doesNotMatch(JSON.stringify(answer.body), /node_modules|at \w+ \(|select |insert /i, what);
  }
  const text = await fetch(`${orca.url}/api/v1/grading_queue`, {
    method: 'PUT',
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify(good),
  });
  assert.equal(text.status, 415);
  const status = await fetch(`${orca.url}/api/v1/status`);
  assert.deepEqual(await status.json(), { message: 'ok', numJobs: 0 });
});

test('a file that cannot be had or unpacked ends the job with a sentence that names the file, not its URL', async () => {
  await using orca = await startOrca({ ORCA_FILE_TOTAL_SECONDS: '4' });
  await orca.startWorker({ ORCA_CONCURRENCY: '3' });
  const { client } = orca;
  const endless = client.answer('/endless.bin', (_request, response) => {
    const chunk = Buffer.alloc(MIB);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  });
  const cases: [key: string, entry: ReturnType<typeof file>, code: string, says: RegExp][] = [
    ['missing', file(`${client.url}/secret-path/none.zip`), 'FileFetchFailed', /submission.*404/],
    ['endless', file(endless), 'FileFetchFailed', /submission.*128 MiB/],
    [
      'broken',
      file(client.serve('/broken.zip', Buffer.from('PK\u0003\u0004 this is no zip')), 'application/zip'),
      'ArchiveRefused',
      /submission.*(corrupt|zip)/i,
    ],
  ];
  for (const [key, entry] of cases)
    assert.equal((await orca.put(makeJob(client, key, entry))).status, 200, key);
  for (const [key, , code, says] of cases) {
    const { json } = await client.waitForResult(key, 90_000);
    assert.equal(json.errors?.length, 1, key);
    assert.match(json.errors?.[0] ?? '', new RegExp(`^${code}: `), key);
    assert.match(json.errors?.[0] ?? '', says, key);
    assert.doesNotMatch(json.errors?.[0] ?? '', /http|secret-path/, key);
    assert.deepEqual(json.shell_responses, [], key);
  }
  assert.equal(client.requestsOf('/secret-path/none.zip'), 1, 'a 4xx is final at once');
});

test('a file server that is slow at first is tried again within the attempt', async () => {
  await using orca = await startOrca({ ORCA_FILE_TOTAL_SECONDS: '2' });
  await orca.startWorker();
  const url = orca.client.answer('/slow.txt', (_request, response, attempt) => {
    if (attempt > 1) response.end('at last\n');
  });
  await orca.put(
    makeJob(orca.client, 'slow', {
      ...file(url),
      script: [{ cmd: ['cat', '$EXTRACTED/submission/slow.txt'], on_complete: 'output' }],
    }),
  );
  const { json } = await orca.client.waitForResult('slow', 90_000);
  assert.equal(json.output, 'at last');
  assert.ok(orca.client.requestsOf('/slow.txt') >= 2);
});

test('a program that does not exist, a flood of output and an endless run each end as the contract says', async () => {
  await using orca = await startOrca();
  await orca.startWorker({ ORCA_CONCURRENCY: '2' });
  const { client } = orca;
  await orca.put(makeJob(client, 'no such program', { script: [{ cmd: ['no-such-program', 'x'] }] }));
  await orca.put(
    makeJob(client, 'flood', {
      script: [{ cmd: 'yes 0123456789abcdef | head -c 100000000; echo the end', on_complete: 'output' }],
    }),
  );
  await orca.put(
    makeJob(client, 'endless', {
      limits: { wall_seconds: 3 },
      script: [{ cmd: 'echo before' }, { cmd: 'echo started; while :; do :; done', timeout: 600 }],
    }),
  );
  await orca.put(
    makeJob(client, 'step', {
      script: [
        { cmd: 'echo printed; sleep 60', timeout: 1, on_fail: 'next' },
        { cmd: 'echo after', on_complete: 'output' },
      ],
    }),
  );

  const missing = (await client.waitForResult('no such program')).json.shell_responses?.[0];
  assert.equal(missing?.status_code, 127);
  assert.equal(missing?.is_error, true);
  assert.match(missing?.stderr ?? '', /no-such-program/);

  const flood = (await client.waitForResult('flood')).json;
  const stdout = flood.shell_responses?.[0]?.stdout ?? '';
  assert.equal(flood.shell_responses?.[0]?.status_code, 0);
  assert.ok(Buffer.byteLength(stdout) > MIB - 4096 && Buffer.byteLength(stdout) < MIB + 4096);
  assert.ok(stdout.startsWith('0123456789abcdef') && stdout.endsWith('the end'));

  const endless = (await client.waitForResult('endless')).json;
  assert.match(endless.errors?.[0] ?? '', /^LimitExceeded: .*3 s/);
  assert.equal(endless.shell_responses?.[0]?.stdout, 'before', 'what ran before the limit is in the result');
  assert.equal(endless.shell_responses?.[1]?.stdout, 'started');
  assert.equal(endless.shell_responses?.[1]?.timed_out, true);

  const step = (await client.waitForResult('step')).json;
  assert.equal(step.shell_responses?.[0]?.did_timeout, true);
  assert.equal(step.shell_responses?.[0]?.status_code, null);
  assert.equal(step.shell_responses?.[0]?.stdout, 'printed');
  assert.equal(step.output, 'after');
});

test('a client that refuses a result is not asked again; one that is down for a while gets the same bytes', async () => {
  await using orca = await startOrca();
  await orca.startWorker();
  const { client } = orca;
  const refusing = client.answer('/refusing', (_request, response) => void response.writeHead(403).end('no'));
  const down = client.answer('/down', (_request, response, attempt) => {
    if (attempt <= 2) response.destroy();
    else response.end('{}');
  });
  await orca.put(makeJob(client, 'refused', { response_url: refusing }));
  await orca.put(makeJob(client, 'down', { response_url: down }));
  await client.waitForResult('refused');
  const tries = await waitFor('a third POST', () => {
    const results = client.resultsOf('down');
    return results.length >= 2 && client.requestsOf('/down') >= 3 ? results : undefined;
  });
  const ids = new Set(tries.map((post) => post.headers['webhook-id']));
  assert.equal(ids.size, 1);
  for (const post of tries) assert.deepEqual(post.body, tries[0]?.body);
  assert.equal(client.resultsOf('refused').length, 1);
});
