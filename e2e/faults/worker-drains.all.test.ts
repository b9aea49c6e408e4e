import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectDatabase, type Database, findJobRow } from '@orca/database';
import { connectEngine, listContainers } from '@orca/docker';
import { assertSound } from '../kit/assert-sound.ts';
import { containersOf } from '../kit/containers.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca, type TestOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';
import { SHORT_CLOCKS, TAKE_OVER_MS } from './short-clocks.ts';

const EACH = 10;
/** Of the jobs that end within the grace. */
const BRIEF_SECONDS = 15;
const START_MS = 240_000;
/** Longer than this test: what is handed back is so at the second signal. */
const GRACE = { ORCA_SHUTDOWN_GRACE_SECONDS: '3600', ORCA_LEASE_SECONDS: '15' };
const SCRIPT = [{ cmd: 'sh $EXTRACTED/submission/run.sh', on_complete: 'output' as const }];

const fileOf = (key: string): string => `/files/${key}/run.sh`;
const keysOf = (kind: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${kind}-${number}`);

/** PUTs a job; each time that it is begun, the client serves what it should do then. */
async function put(orca: TestOrca, key: string, runs: (attempt: number) => string): Promise<number> {
  const url = orca.client.answer(fileOf(key), (_request, response, attempt) => {
    response.end(`${runs(attempt)}\necho "run ${attempt} of ${key}"\n`);
  });
  const files = { submission: { url, mime_type: 'text/plain', should_replace_paths: false } };
  const { status, body } = await orca.put(makeJob(orca.client, key, { files, script: SCRIPT }));
  assert.equal(status, 200);
  return body.status?.id ?? -1;
}

async function putAll(orca: TestOrca, keys: readonly string[], runs: (attempt: number) => string) {
  const ids = new Map<string, number>();
  for (const key of keys) ids.set(key, await put(orca, key, runs));
  return ids;
}

/** For each job that comes back to the queue: whether its container still ran when the client was told so. */
function watchHandBacks(orca: TestOrca, containers: ReadonlyMap<string, string>) {
  const looks = new Map<string, Promise<boolean>>();
  orca.client.answer('/results', (_request, response, _attempt, post) => {
    response.end();
    const { key = '', status } = post?.json ?? {};
    const container = containers.get(key);
    if (status?.location !== 'Queue' || container === undefined) return;
    const running = connectEngine().then((engine) => listContainers(engine, { running: true }));
    looks.set(
      key,
      running.then((list) => list.some(({ name }) => name === container)),
    );
  });
  return looks;
}

async function stateOf(db: Database, id: number): Promise<unknown> {
  const row = await findJobRow(db, id);
  return [row?.state, row?.generation, row?.faults];
}

test('F05: of twenty running jobs at SIGTERM those that end are stored, the others handed back, container first; none twice', async () => {
  await using orca = await startOrca({ ...SHORT_CLOCKS, ...GRACE });
  await using db = await connectDatabase({ url: orca.databaseUrl, applicationName: 'orca-e2e' });
  const [long, brief, late] = [keysOf('long', EACH), keysOf('brief', EACH), keysOf('late', 5)];
  const worker = await orca.startWorker({ ORCA_CONCURRENCY: String(2 * EACH) });
  const longIds = await putAll(orca, long, (attempt) => (attempt === 1 ? 'sleep 3600' : ''));
  const containers = new Map<string, string>();
  for (const [key, id] of longIds) {
    const nameOf = async () => (await findJobRow(db, id))?.container;
    containers.set(key, await waitFor(`the container of ${key}`, nameOf, START_MS));
  }
  await putAll(orca, brief, () => `sleep ${BRIEF_SECONDS}`);
  const claims = () => worker.log().split('"msg":"job claimed"').length - 1;
  await waitFor('twenty running jobs', () => claims() === 2 * EACH, START_MS);
  const haveEnded = brief.filter((key) => orca.client.resultsOf(key).length > 0);
  assert.ok(haveEnded.length < EACH, 'some of them are to end after the signal');
  const wasRunning = watchHandBacks(orca, containers);

  worker.signal('SIGTERM');
  await waitFor('the worker to hear it', () => worker.log().includes('"msg":"stopping"'));
  const lateIds = await putAll(orca, late, () => '');
  for (const key of brief) {
    const { json } = await orca.client.waitForResult(key, TAKE_OVER_MS);
    assert.deepEqual([json.output, json.errors], [`run 1 of ${key}`, []]);
  }
  assert.equal(claims(), 2 * EACH, 'ten slots are free, and nothing more was claimed');
  for (const id of lateIds.values()) assert.deepEqual(await stateOf(db, id), ['waiting', 1, 0]);
  assert.equal(await worker.stop(), 0, 'the second signal ends the grace');

  assert.deepEqual(await containersOf(orca.databaseUrl), []);
  assert.equal(claims(), 2 * EACH);
  for (const id of longIds.values()) assert.deepEqual(await stateOf(db, id), ['waiting', 1, 0]);
  await waitFor('all clients to be told', () => wasRunning.size === EACH);
  for (const [key, ran] of wasRunning) assert.equal(await ran, false, `the container of ${key} had ended`);

  await orca.startWorker({ ORCA_CONCURRENCY: '4' });
  for (const [keys, runs] of [
    [late, 1],
    [long, 2],
    [brief, 1],
  ] as const)
    for (const key of keys) {
      const { json } = await orca.client.waitForResult(key, TAKE_OVER_MS);
      assert.deepEqual([json.output, json.errors], [`run ${runs} of ${key}`, []]);
      assert.equal(orca.client.resultsOf(key).length, 1, key);
      assert.equal(orca.client.requestsOf(fileOf(key)), runs, `${key} was begun so often`);
    }
  await assertSound(orca.databaseUrl);
});
