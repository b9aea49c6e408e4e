import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { REPOSITORY } from '../repository.ts';
import { createInbox, gradeSubmissions } from './grade-submissions.ts';
import { loadExamples } from './load-example.ts';
import { type PlannedSubmission, planSubmissions } from './plan-submissions.ts';
import { readPost } from './read-post.ts';

const never = new AbortController().signal;

/** An Orca of two routes on a real socket; `onPut` gets each job, and may answer otherwise. */
async function playOrca(onPut: (job: { key: string }) => { status: number; body: unknown }) {
  const server = createServer(async (request, response) => {
    if (request.method !== 'PUT') return response.end('"Your job has been graded."');
    const { status, body } = onPut(JSON.parse(JSON.stringify(await json(request))));
    response.writeHead(status).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function planPerfect(): Promise<PlannedSubmission> {
  const [example] = await loadExamples(REPOSITORY.examples, ['python-unittest']);
  assert.ok(example);
  const client = { responseUrl: 'http://127.0.0.1:1/', filesUrl: () => 'http://127.0.0.1:1' };
  const [planned] = planSubmissions(example, client);
  assert.ok(planned);
  return planned;
}

test('gradeSubmissions() sends a job, tells what happens to it, and compares its result', async () => {
  const planned = await planPerfect();
  const inbox = createInbox();
  await using orca = await playOrca(({ key }) => {
    // Both may come before the answer to the PUT does.
    inbox.receive(readPost(JSON.stringify({ key, status: { location: 'Worker', id: 7 } })));
    inbox.receive(readPost(JSON.stringify({ key, shell_responses: [], errors: [], error_codes: [] })));
    inbox.receive(readPost('{"key":"of somebody else","errors":[]}'));
    return { status: 200, body: { message: 'OK', status: { location: 'Queue', id: 7 } } };
  });
  const events: string[] = [];
  const [report, ...more] = await gradeSubmissions(
    [planned],
    {
      orcaUrl: orca.url,
      inbox,
      images: [],
      onEvent: (who, what) => events.push(`${who.submission}: ${what}`),
    },
    never,
  );
  assert.deepEqual(more, []);
  assert.deepEqual(events, [
    'perfect: taken by a worker',
    'perfect: in the queue, as job 7',
    'perfect: the result is at the client',
  ]);
  assert.equal(report?.submission, 'perfect');
  const [first = ''] = report?.differences ?? [];
  assert.match(first, /^commands: collect-tests .* were expected; none ran$/);
});

test('gradeSubmissions() ends with the sentences of an Orca that does not take a job', async () => {
  await using orca = await playOrca(() => ({ status: 400, body: { errors: ['script: is missing', 'two'] } }));
  const deps = { orcaUrl: orca.url, inbox: createInbox(), images: [], onEvent: assert.fail };
  await assert.rejects(
    gradeSubmissions([await planPerfect()], deps, never),
    /Cannot send a job: Orca answered 400, script: is missing; two/,
  );
});

test('gradeSubmissions() ends when it is called off', async () => {
  const controller = new AbortController();
  await using orca = await playOrca(() => ({
    status: 200,
    body: { message: 'OK', status: { location: 'Queue', id: 1 } },
  }));
  const deps = {
    orcaUrl: orca.url,
    inbox: createInbox(),
    images: [],
    onEvent: () => controller.abort(new Error('off')),
  };
  await assert.rejects(gradeSubmissions([await planPerfect()], deps, controller.signal), /off/);
});
