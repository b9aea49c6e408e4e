import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runImages } from '../images/testing/start-orca.ts';
import { startFakeServer } from '../testing/fake-server.ts';

const FIRST = '2026-11-24T18:00:00.500Z';
const LATER = '2026-11-24T18:04:00.000Z';

/** The server does 2 of 3 jobs, then the last. */
const rounds = (calls: number) => ({
  status: 200,
  json: {
    ...(calls === 0 ? { matched: 2, has_more: true, as_of: FIRST } : { matched: 1, has_more: false }),
    ...{ changed: calls === 0 ? 2 : 1, skipped: 0, ids: [] },
    ...(calls === 0 ? {} : { as_of: LATER }),
  },
});

async function bulk(answer: Parameters<typeof startFakeServer>[0], ...args: string[]) {
  await using fake = await startFakeServer(answer);
  const command = runImages(['bulk', ...args, '--yes'], { ORCA_SERVER: fake.url }, 'queue');
  const status = await command.status;
  return { status, output: command.output(), orders: fake.bodies };
}

test('orca queue bulk regrade asks for the rest as it was at the first look, so that no job is graded twice', async () => {
  const { status, output, orders } = await bulk(rounds, 'regrade', '--client', 'a.example');
  assert.deepEqual([status, output], [0, '2 jobs are to be graded again …\n3 jobs are to be graded again\n']);
  const order = { action: 'regrade', filter: { client: 'a.example' }, dry_run: false };
  assert.deepEqual(orders, [order, { ...order, filter: { client: 'a.example', arrived_before: FIRST } }]);
});

for (const [what, before, second] of [
  ['keeps a --before that is earlier', '2026-11-24T18:00:00Z', '2026-11-24T18:00:00Z'],
  ['replaces a --before that is later', LATER, FIRST],
] as const)
  test(`orca queue bulk regrade ${what}`, async () => {
    const { orders } = await bulk(rounds, 'regrade', '--before', before);
    const filters = [before, second].map((arrived_before) => ({ arrived_before }));
    assert.deepEqual(
      orders,
      filters.map((filter) => ({ action: 'regrade', filter, dry_run: false })),
    );
  });

test('orca queue bulk cancel repeats the same request', async () => {
  const { status, orders } = await bulk(rounds, 'cancel', '--state', 'waiting');
  assert.equal(status, 0);
  const order = { action: 'cancel', filter: { state: 'waiting' }, dry_run: false };
  assert.deepEqual(orders, [order, order]);
});

test('orca queue bulk regrade says how to go on when a later call fails', async () => {
  const { status, output } = await bulk(
    (calls) => (calls === 0 ? rounds(calls) : { status: 503, json: {} }),
    ...['regrade', '--client', 'a.example'],
  );
  assert.equal(status, 1);
  assert.match(
    output,
    /Try again in a moment\n2 jobs are to be graded again already; for the others give --before 2026-11-24T18:00:00\.500Z\n$/,
  );
});

test('orca queue bulk regrade stops where a server does not say when it looked', async () => {
  const { as_of, ...old } = rounds(0).json;
  const { status, output, orders } = await bulk(
    () => ({ status: 200, json: old }),
    'regrade',
    '--client',
    'a',
  );
  assert.equal(status, 1);
  assert.match(output, /^Cannot regrade more than 2 jobs: the server is too old/);
  assert.equal(orders.length, 1);
});

test('orca queue bulk without a filter is wrong usage, and asks no server', async () => {
  const { status, output, orders } = await bulk(rounds, 'cancel');
  assert.equal(status, 2);
  assert.match(output, /^Cannot cancel jobs: nothing says which\. Give --where, /);
  assert.deepEqual(orders, []);
});
