import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPool, specOf, TestEngine, until } from './testing/test-pool.ts';

const NEVER = new AbortController().signal;
const A = specOf('a');
const B = specOf('b');

describe('a container pool', () => {
  test('has nothing for the first job of a kind, and one for the next', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine);
    assert.equal(await pool.take(A, NEVER), null);
    await until('one waits', () => engine.started.length === 1);
    assert.equal(await pool.take(A, NEVER), engine.started[0]);
    await until('the next one waits', () => engine.started.length === 2);
    await pool.close();
  });

  test('never gives a container out twice', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine, { sameMax: 4 });
    const taken: string[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      const some = await Promise.all([1, 2, 3].map(() => pool.take(A, NEVER)));
      taken.push(...some.flatMap((container) => container?.name ?? []));
      await sleep(0);
    }
    assert.ok(taken.length > 20, `${taken.length} were taken`);
    assert.equal(new Set(taken).size, taken.length);
    await pool.close();
    const all = engine.started.map(({ name }) => name);
    assert.deepEqual([...taken, ...engine.removed].toSorted(), all.toSorted(), 'the rest was removed, once');
  });

  for (const [difference, other] of Object.entries({
    image: B,
    limits: specOf('a', { memoryMb: 99 }),
    network: specOf('a', {}, 'orca-network'),
    runtime: { ...A, HostConfig: { ...A.HostConfig, Runtime: 'crun' } },
  })) {
    test(`gives no container out for a job of another ${difference}`, async () => {
      const engine = new TestEngine();
      const pool = openPool(engine);
      await pool.take(A, NEVER);
      await until('one waits', () => engine.started.length === 1);
      assert.equal(await pool.take(other, NEVER), null);
      await until('one of the other kind waits', () => engine.started.length === 2);
      assert.equal(await pool.take(other, NEVER), engine.started[1]);
      assert.deepEqual(engine.started[1]?.spec, other);
      await pool.close();
    });
  }

  test('lets a job wait for one that is being started, and starts more while jobs have to', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine);
    await pool.take(A, NEVER);
    engine.close();
    await until('one is being started', () => engine.under === 1);
    const next = pool.take(A, NEVER);
    await until('two are being started', () => engine.under === 2);
    engine.open();
    assert.equal(await next, engine.started[0]);
    await until('two are wanted now', () => engine.started.length === 3);
    assert.equal(engine.most, 2);
    await pool.close();
  });

  test('does not let a job wait that gives up', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine);
    await pool.take(A, NEVER);
    engine.close();
    await until('one is being started', () => engine.under === 1);
    const stop = new AbortController();
    const next = pool.take(A, stop.signal);
    stop.abort();
    assert.equal(await next, null);
    engine.open();
    await until('it waits', () => engine.started.length >= 1);
    assert.equal((await pool.take(A, NEVER))?.name, 'container 0', 'it is there for the next one');
    await pool.close();
  });

  test('never gives out one that died while it waited, removes it, and starts no other in its place', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine);
    await pool.take(A, NEVER);
    await until('one waits', () => engine.started.length === 1);
    engine.started[0]?.die();
    await until('it is removed', () => engine.removed.length === 1);
    await sleep(20);
    assert.equal(engine.started.length, 1);
    assert.equal(await pool.take(A, NEVER), null);
    await until('a job that missed it brings one back', () => engine.started.length === 2);
    await pool.close();
  });

  test('keeps no more than its limits, of one kind and in all', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine, { containersMax: 3, sameMax: 2 });
    for (let turn = 0; turn < 20; turn += 1) await Promise.all([pool.take(A, NEVER), pool.take(B, NEVER)]);
    await until('it is full', () => engine.under === 0);
    await sleep(20);
    const taken = 20 * 2;
    const waiting = engine.started.length - taken;
    assert.ok(waiting <= 3, `${waiting} wait`);
    await pool.close();
    assert.ok(engine.removed.length <= 3);
  });

  test('takes room for a kind from one that nobody asked for lately', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine, { containersMax: 1 }, { yieldAfterMs: 0 });
    await pool.take(A, NEVER);
    await until('one of A waits', () => engine.started.length === 1);
    await pool.take(B, NEVER);
    await until('one of B waits', () => engine.started.length === 2);
    assert.deepEqual(engine.removed, ['container 0']);
    assert.equal((await pool.take(B, NEVER))?.name, 'container 1');
    await pool.close();
  });

  test('takes no room from a kind that is in use', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine, { containersMax: 1 });
    await pool.take(A, NEVER);
    await until('one of A waits', () => engine.started.length === 1);
    await pool.take(B, NEVER);
    await sleep(20);
    assert.deepEqual(engine.removed, []);
    assert.equal((await pool.take(A, NEVER))?.name, 'container 0');
    await pool.close();
  });

  test('gives up a kind that nobody asks for any more', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine, {}, { idleMs: 50 });
    await pool.take(A, NEVER);
    await until('one waits', () => engine.started.length === 1);
    await until('it is removed', () => engine.removed.length === 1);
    assert.equal(await pool.take(A, NEVER), null);
    await pool.close();
  });

  test('forgets one kind whose container cannot be started, and all when the engine fails', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine);
    await pool.take(A, NEVER);
    await until('one of A waits', () => engine.started.length === 1);
    engine.problem = new RangeError('no such image');
    engine.close();
    await pool.take(B, NEVER);
    await until('one of B is being started', () => engine.under === 1);
    const next = pool.take(B, NEVER);
    engine.open();
    assert.equal(await next, null, 'a job that waited for it starts its own');
    assert.deepEqual(engine.removed, [], 'A waits on');

    engine.problem = new Error('the engine is gone');
    await pool.take(B, NEVER);
    await until('A is given up', () => engine.removed.length === 1);
    assert.equal(engine.started.length, 1, 'nothing is tried again by itself');
    await pool.close();
  });

  test('when it is emptied, removes what waits and what is being started', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine);
    await pool.take(A, NEVER);
    await until('one of A waits', () => engine.started.length === 1);
    engine.close();
    await pool.take(B, NEVER);
    await until('one of B is being started', () => engine.under === 1);
    pool.empty();
    engine.open();
    await until('both are removed', () => engine.removed.length === 2);
    assert.equal(await pool.take(A, NEVER), null);
    await until('it fills again when a job asks', () => engine.started.length === 3);
    await pool.close();
  });

  test('when it is closed, starts nothing more', async () => {
    const engine = new TestEngine();
    const pool = openPool(engine);
    await pool.take(A, NEVER);
    await until('one waits', () => engine.started.length === 1);
    await pool.close();
    assert.deepEqual(engine.removed, ['container 0']);
    assert.equal(await pool.take(A, NEVER), null);
    await sleep(20);
    assert.equal(engine.started.length, 1);
  });
});
