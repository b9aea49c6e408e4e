import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { createLogger } from '@orca/daemon';
import {
  claimJob,
  connectDatabase,
  type Database,
  enqueueJob,
  finishJob,
  nextDeliveryMs,
  notifyDeliveries,
  registerWorker,
} from '@orca/database';
import { cloneDatabase, startCutProxy } from '@orca/database/testing';
import { createOutbound } from '@orca/outbound';
import { clientOf } from '@orca/protocol';
import { runDeliverLoop } from '../deliveries/deliver-loop.ts';
import { makeJob } from './make-job.ts';

const DEADLINE_MS = 30_000;

const outbound = createOutbound({
  policy: { production: false, allow: [], refusePrivate: false, alwaysRefuse: [] },
  userAgent: 'orca-test',
});

/** A loop over a database of its own, reached through a proxy that can be cut. */
export async function startLoop() {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await cloneDatabase());
  const proxy = opened.use(await startCutProxy(database.url));
  const db = opened.use(await connectDatabase({ url: proxy.url, applicationName: 'orca-test-deliveries' }));
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLogger({ name: 'test', level: 'info', pretty: false }, { write });
  const stopping = new AbortController();
  const hurried = new AbortController();
  const running = runDeliverLoop(
    { databaseUrl: proxy.url, serverId: randomUUID(), postsMax: 16, pollMs: 500 },
    { db, outbound, log },
    { stopping: stopping.signal, hurried: hurried.signal },
  );
  const workerId = randomUUID();
  await registerWorker(database.db, {
    workerId,
    hostname: 'test',
    tokenHash: randomBytes(32),
    version: '0',
    slots: 1,
    engineId: 'none',
  });
  const stack = opened.move();
  return {
    db: database.db,
    proxy,
    log: () => lines.join(''),
    workerId,
    stop: async (hurry = false) => {
      stopping.abort();
      if (hurry) hurried.abort();
      await running;
    },
    async [Symbol.asyncDispose]() {
      proxy.mend();
      stopping.abort();
      hurried.abort();
      await running;
      await stack.disposeAsync();
    },
  };
}

/** A loop that a test runs. */
export type TestLoop = Awaited<ReturnType<typeof startLoop>>;

/** Makes a job, grades it by hand, and so owes its client a status and this result. */
export async function owe(
  loop: TestLoop,
  responseUrl: string,
  key: string = randomUUID(),
): Promise<{ jobId: number; gradingId: string; body: string }> {
  const config = makeJob({ key, response_url: responseUrl, collation: { type: 'user', id: key } });
  const { db, workerId } = loop;
  const client = clientOf(responseUrl);
  const place = { client, key, responseUrl, collation: config.collation, delaySeconds: 0, immediate: false };
  await enqueueJob(db, { ...place, config });
  const job = await claimJob(db, { workerId, leaseSeconds: 60 });
  assert.ok(job !== null);
  const gradingId = `msg_${randomUUID().replaceAll('-', '')}`;
  const body = `{"key":${JSON.stringify(key)},"shell_responses":[],"errors":[],"output":"ü \u2028 ✓"}`;
  const lease = { jobId: job.jobId, leaseToken: job.leaseToken };
  assert.ok(await finishJob(db, { ...lease, outcome: 'graded', gradingId, body }));
  await notifyDeliveries(db);
  return { jobId: job.jobId, gradingId, body };
}

/** Waits until a line that matches was logged. */
export async function logged(loop: TestLoop, line: RegExp): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (
    !loop
      .log()
      .split('\n')
      .some((text) => line.test(text))
  ) {
    assert.ok(performance.now() < deadline, `nothing like ${line} was logged:\n${loop.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until nothing is owed any more. */
export async function settled(db: Database): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while ((await nextDeliveryMs(db)) !== null) {
    assert.ok(performance.now() < deadline, 'something is still owed');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
