import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { claimJob, createApiKey, enqueueJob, finishJob, listDeliveries } from '@orca/database';
import { makeJob } from '@orca/database/testing';
import { runImages, startOrca, type TestOrca } from '../images/testing/start-orca.ts';

const HOST = '127.0.0.1';
const DEADLINE_MS = 60_000;
const LOOK_MS = 20;
const REFUSED = { status: 403, body: 'no \u001b[31mentry\n<b>here</b>' };

/** A course site that answers POSTs as it is told. */
interface Course extends AsyncDisposable {
  readonly port: number;
  answer: { status: number; body: string };
  /** The bodies of the results that it was sent, in their order. */
  readonly results: readonly string[];
}

async function startCourse(): Promise<Course> {
  const results: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (body.includes('"graded"')) results.push(body);
    response.writeHead(course.answer.status).end(course.answer.body);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  const bound = server.address();
  const course: Course = {
    port: bound !== null && typeof bound === 'object' ? bound.port : 0,
    answer: REFUSED,
    results,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return course;
}

/** A job of the course that has been graded, by hand. */
async function grade({ db }: TestOrca, { port }: Course, key: string): Promise<number> {
  const responseUrl = `http://${HOST}:${port}/results?token=s3cret`;
  await enqueueJob(db, { ...makeJob({ key, client: HOST, user: key }), responseUrl });
  const job = await claimJob(db, { workerId: 'a test', leaseSeconds: 60 });
  assert.ok(job !== null && job.key === key);
  const { jobId, leaseToken } = job;
  const result = { gradingId: `msg_${jobId}`, body: JSON.stringify({ outcome: 'graded', key }) };
  assert.ok(await finishJob(db, { jobId, leaseToken, outcome: 'graded', ...result }));
  return jobId;
}

/** Waits until so many results have ended so. */
async function untilEnded({ db }: TestOrca, state: 'delivered' | 'refused', count: number): Promise<void> {
  const filter = { clients: null, states: [state], kinds: ['result'] } as const;
  const deadline = performance.now() + DEADLINE_MS;
  while ((await listDeliveries(db, filter, { limit: 50, offset: 0 })).length !== count) {
    assert.ok(performance.now() < deadline, `${count} results are not ${state}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function run(url: string, args: readonly string[], key?: string) {
  const env = { ORCA_SERVER: url, ...(key === undefined ? {} : { ORCA_API_KEY: key }) };
  const command = runImages(args, env, 'deliveries');
  const status = await command.status;
  return { status, output: command.output() };
}

test('orca deliveries says that there is none, and that there is no such job or delivery', async () => {
  await using orca = await startOrca();
  assert.deepEqual(await run(orca.url, []), { status: 0, output: 'There is no such delivery\n' });
  for (const [args, what] of [
    [['list', '--job', '17'], /^Cannot list the deliveries of job 17: no job of this number is known/],
    [['show', '3'], /^Cannot show delivery 3: there is none of this number/],
    [['send-again', '3'], /^Cannot send delivery 3 again: there is none of this number/],
  ] as const) {
    const { status, output } = await run(orca.url, args);
    assert.equal(status, 1);
    assert.match(output, what);
  }
  const nothing = await run(orca.url, ['send-all', 'course.example.edu']);
  assert.match(nothing.output, /^Nothing is to be sent again: course\.example\.edu has taken all/);
  assert.equal((await run(orca.url, ['list', '--state', 'lost'])).status, 2);
  assert.equal((await run(orca.url, ['show', 'x'])).status, 2);
});

test('orca deliveries lists what a host refused, shows each try, and sends one or all again', async () => {
  await using orca = await startOrca();
  await using course = await startCourse();
  const deliveries = (...args: string[]) => run(orca.url, args);
  const jobs = [];
  for (const key of ['a', 'b', 'c']) jobs.push(await grade(orca, course, key));
  await untilEnded(orca, 'refused', 3);

  const list = await deliveries('--state', 'refused');
  assert.match(list.output, /^delivery +of +host +state +made +tries +last try +answer\n/);
  const row = (job: number | undefined) =>
    new RegExp(`\\n +\\d+ +job ${job}, generation 1 +127\\.0\\.0\\.1 +refused .* 1 +\\d+ s ago +403`);
  for (const job of jobs) assert.match(list.output, row(job));
  const listed = async (...args: string[]) =>
    JSON.parse((await deliveries('list', '--json', ...args)).output).deliveries;
  assert.equal((await listed('--state', 'pending')).length, 0);
  assert.equal((await listed('--host', 'other.example.edu')).length, 0);
  assert.equal((await listed('--host', HOST, '--limit', '2')).length, 2);
  assert.match((await deliveries('list', '--limit', '2')).output, /\n… and older ones: --offset 2\n$/);
  const [ofFirst, ...others] = await listed('--job', String(jobs[0]), '--kind', 'result');
  assert.deepEqual([others, ofFirst.job_id, ofFirst.state], [[], jobs[0], 'refused']);
  assert.deepEqual(await listed('--job', String(jobs[0]), '--state', 'delivered'), []);

  const id = String(ofFirst.id);
  const shown = await deliveries('show', id);
  assert.match(shown.output, /webhook-id +msg_\d+\n.*state +refused\n/s);
  assert.match(shown.output, /\nTry 1 of round 1 {2}20\d\d-.* ago\), refused, 403, after \d\.\d s\n/);
  assert.match(shown.output, /\n {2}no entry\n {2}<b>here<\/b>\n$/);
  assert.doesNotMatch(shown.output + list.output, /s3cret|\u001b/);
  assert.equal(
    JSON.parse((await deliveries('show', id, '--json')).output).tries[0].answer_start,
    REFUSED.body,
  );

  course.answer = { status: 200, body: 'thanks' };
  assert.match((await deliveries('send-again', id)).output, new RegExp(`^Delivery ${id} is sent again now`));
  await untilEnded(orca, 'delivered', 1);
  assert.deepEqual(course.results.at(-1), course.results[0], 'the same bytes');
  const dry = await deliveries('send-all', HOST, '--dry-run');
  assert.equal(dry.output, 'Would send 2 deliveries to 127.0.0.1 again; without --dry-run it does\n');
  assert.equal((await listed('--state', 'refused')).length, 2, 'only counted');
  const none = await deliveries('send-all', HOST, '--state', 'given_up', '--json');
  assert.deepEqual(JSON.parse(none.output), { matched: 0, sent_again: 0, is_complete: true });
  assert.equal((await deliveries('send-all', HOST)).output, 'Sending 2 deliveries to 127.0.0.1 again\n');
  await untilEnded(orca, 'delivered', 3);
  assert.equal(course.results.length, 6);
});

test('orca deliveries sends again for staff of the host only, and says which key it wants', async () => {
  await using orca = await startOrca();
  for (const role of ['client', 'staff'] as const)
    await createApiKey(orca.db, {
      keySha256: createHash('sha256').update(role).digest(),
      ...{ role, hostnames: ['course.example.edu'] },
    });
  const sendAll = (host: string, key?: string) => run(orca.url, ['send-all', host], key);
  assert.match((await sendAll('course.example.edu')).output, /wants a key that it knows, of the role staff/);
  assert.match(
    (await sendAll('course.example.edu', 'client')).output,
    /role may not do that\. Use one of the/,
  );
  const foreign = await sendAll('other.example.edu', 'staff');
  assert.match(foreign.output, /the key does not name that host\. Use one of the role staff or admin/);
  assert.equal(foreign.status, 1);
  assert.equal((await sendAll('course.example.edu', 'staff')).status, 0);
});
