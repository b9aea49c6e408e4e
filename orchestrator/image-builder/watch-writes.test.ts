import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startFakeEngine } from '@orca/docker/testing';
import { watchWrites, WritesExceeded } from './watch-writes.ts';

const MIB = 1024 * 1024;
const LOOK_MS = 5;
const LOOKS = 5;

interface Container {
  readonly Id: string;
  readonly State: string;
  readonly SizeRw: number;
}

/** The id of a container, as the engine has it and as the build says it. */
const idOf = (digit: string) => digit.repeat(64);
const said = (digit: string) => digit.repeat(12);

/**
 * Watches a build on an engine whose containers are these, one list after the other.
 *
 * @returns the clause, or `null` when it looked at all of them and found nothing
 */
async function watch(lists: readonly (readonly Container[])[], ...own: string[]): Promise<string | null> {
  const seen = new AbortController();
  let looks = 0;
  await using fake = await startFakeEngine(({ url = '' }, response) => {
    const filters = JSON.parse(new URL(url, 'http://engine').searchParams.get('filters') ?? '{}');
    const containers = lists[Math.min(looks, lists.length - 1)] ?? [];
    // As an engine does: those that are asked for by the beginning of their id and by what they do.
    const listed = containers.filter(
      ({ Id, State }) =>
        (filters.id ?? ['']).some((prefix: string) => Id.startsWith(prefix)) &&
        (filters.status ?? [State]).includes(State),
    );
    response.end(JSON.stringify(listed));
    if (++looks >= lists.length + LOOKS) seen.abort();
  });
  using writes = watchWrites(fake.engine, 64 * MIB, LOOK_MS);
  for (const digit of own) writes.expect(said(digit));
  const either = AbortSignal.any([writes.exceeded, seen.signal]);
  if (!either.aborted) await once(either, 'abort');
  if (!writes.exceeded.aborted) return null;
  assert.ok(writes.exceeded.reason instanceof WritesExceeded);
  return writes.exceeded.reason.message;
}

const container = (digit: string, mib: number, State = 'running'): Container => ({
  ...{ Id: idOf(digit), State, SizeRw: mib * MIB },
});

test('watchWrites() finds a command that writes too much, and looks at no other container', async () => {
  assert.equal(await watch([[container('a', 64)], [container('a', 65)]], 'a'), 'it wrote more than 64 MiB');
  assert.equal(await watch([[container('a', 64), container('b', 65)]], 'a'), null);
});

test('watchWrites() finds what a command wrote that has ended: the engine makes a layer of it', async () => {
  assert.equal(await watch([[], [container('a', 6_000, 'exited')]], 'a'), 'it wrote more than 64 MiB');
});

test('watchWrites() adds up what all commands of a build leave', async () => {
  const each = (mib: number) => ['a', 'b', 'c', 'd', 'e'].map((digit) => [container(digit, mib)]);
  const together = 'its commands wrote more than 256 MiB together';
  assert.equal(await watch(each(52), 'a', 'b', 'c', 'd', 'e'), together);
  assert.equal(await watch(each(51), 'a', 'b', 'c', 'd', 'e'), null);
  const cleaned = ['a', 'b', 'c', 'd', 'e'].flatMap((digit) => [
    [container(digit, 64)],
    [container(digit, 1)],
  ]);
  assert.equal(await watch(cleaned, 'a', 'b', 'c', 'd', 'e'), null, 'what is removed again is no part of it');
});

test('watchWrites() takes a thousand containers for pretended ones', async () => {
  await using fake = await startFakeEngine((_request, response) => void response.end('[]'));
  using writes = watchWrites(fake.engine, MIB);
  for (let n = 0; n < 1_024; n++) writes.expect(n.toString(16).padStart(12, '0'));
  assert.equal(writes.exceeded.aborted, false);
  writes.expect('f'.repeat(12));
  assert.match(String(writes.exceeded.reason), /it told of more than 1024 containers/);
});
