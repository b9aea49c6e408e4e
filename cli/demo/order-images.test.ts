import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { baseImageSha } from '@orca/protocol';
import type { Example } from './load-example.ts';
import { createOutcomeInbox, orderImages } from './order-images.ts';

const never = new AbortController().signal;

function makeExample(name: string, dockerfile: string): Example {
  const imageSha = createHash('sha256').update(dockerfile).digest('hex');
  return { name, folder: '/', jobTemplate: {}, dockerfile, imageSha, expected: new Map() };
}

const JAVA = makeExample('java', 'FROM orca-grader-base\nRUN java\n');

/** An Orca with the two routes of images, on a real socket; `answer` is that to each POST. */
async function playOrca(answer: { status: number; body: unknown }) {
  const posted: unknown[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET')
      return response.end(JSON.stringify('Your grader image is being built (for 42 seconds; step 3/5).'));
    posted.push(await json(request));
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    url: `http://127.0.0.1:${address.port}`,
    posted,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function makeDeps(orcaUrl: string) {
  const events: string[] = [];
  const told = Promise.withResolvers<void>();
  const outcomes = createOutcomeInbox();
  return {
    ...{ orcaUrl, events, outcomes, tellMs: 5 },
    untilTold: told.promise,
    outcomeUrl: (example: string) => `http://127.0.0.1:1/images/${example}`,
    onEvent: (example: string, what: string) => {
      events.push(`${example}: ${what}`);
      if (what.includes('42 seconds')) told.resolve();
    },
  };
}

test('orderImages() posts each Dockerfile but that of the base image, tells how far it is, and when it is there', async () => {
  await using orca = await playOrca({ status: 200, body: { message: 'OK', warnings: ['line 1: hm'] } });
  const base = makeExample('base', 'FROM orca-grader-base\n');
  assert.equal(base.imageSha, baseImageSha());
  const deps = makeDeps(orca.url);
  const [image, ...more] = await orderImages([base, JAVA], deps);
  assert.deepEqual(more, []);
  assert.deepEqual(orca.posted, [
    {
      dockerfile_contents: JAVA.dockerfile,
      dockerfile_sha_sum: JAVA.imageSha,
      response_url: 'http://127.0.0.1:1/images/java',
    },
  ]);
  const ready = image?.untilReady(never);
  await deps.untilTold;
  const logs = [{ step: 'grader image', output: 'built in 3 s', error: '' }];
  deps.outcomes.receive('java', { wasSuccessful: true, logs });
  await ready;
  assert.deepEqual(deps.events.slice(0, 3), [
    'java: line 1: hm',
    'java: its image is asked for',
    'java: its image is being built (for 42 seconds; step 3/5).',
  ]);
  assert.equal(deps.events.at(-1), 'java: its image is there: built in 3 s');
});

test('orderImages() does not wait for an image that is there already', async () => {
  await using orca = await playOrca({ status: 200, body: { message: 'It is there.' } });
  const deps = makeDeps(orca.url);
  const [image] = await orderImages([JAVA], deps);
  await image?.untilReady(never);
  assert.deepEqual(deps.events, ['java: its image is there already']);
});

test('orderImages() ends with the log and the reason of a build that failed, without control characters', async () => {
  await using orca = await playOrca({ status: 200, body: { message: 'OK' } });
  const deps = makeDeps(orca.url);
  const [image] = await orderImages([JAVA], deps);
  const logs = [
    { step: 'grader image', output: '', error: 'Step 2 ended with status 1' },
    { step: 'Step 2/2', output: 'one\n\u001b[31mtwo', error: '' },
  ];
  deps.outcomes.receive('java', { wasSuccessful: false, logs });
  assert.ok(image);
  await assert.rejects(image.untilReady(never), {
    name: 'UserError',
    message:
      'grader image\n  Step 2 ended with status 1\nStep 2/2\n  one\n  two\n' +
      'Cannot build the image of "java": Step 2 ended with status 1; its log is above',
  });
});

test('orderImages() ends with the sentences of an Orca that refuses a Dockerfile', async () => {
  await using orca = await playOrca({ status: 400, body: { errors: ['line 1: no'] } });
  await assert.rejects(
    orderImages([JAVA], makeDeps(orca.url)),
    /Cannot ask for the image of "java": Orca answered 400, line 1: no/,
  );
});
