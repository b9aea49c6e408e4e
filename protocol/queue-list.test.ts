import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageLinks } from './queue-list.ts';

const at = (offset: number) => ({ offset, limit: 10 });

test('pageLinks() leads nowhere from the only page', () => {
  assert.deepEqual(pageLinks({ ...at(0), total: 10, hasMore: false }), {});
  assert.deepEqual(pageLinks({ ...at(0), total: 0, hasMore: false }), {});
});

test('pageLinks() leads onwards from the first page, back from the last, both ways between', () => {
  assert.deepEqual(pageLinks({ ...at(0), total: 31, hasMore: true }), { next: at(10), last: at(30) });
  assert.deepEqual(pageLinks({ ...at(10), total: 31, hasMore: true }), {
    ...{ first: at(0), prev: at(0) },
    ...{ next: at(20), last: at(30) },
  });
  assert.deepEqual(pageLinks({ ...at(30), total: 31, hasMore: false }), { first: at(0), prev: at(20) });
  assert.deepEqual(pageLinks({ ...at(10), total: 30, hasMore: true }).last, at(20), 'no empty last page');
});

test('pageLinks() of a page that begins between two leads back to the beginning, not before it', () => {
  assert.deepEqual(pageLinks({ ...at(3), total: 8, hasMore: false }), { first: at(0), prev: at(0) });
});

test('pageLinks() never leads beyond what may be asked for', () => {
  assert.deepEqual(pageLinks({ ...at(0), total: 1_000_000, hasMore: true }).last, at(10_000));
  assert.deepEqual(pageLinks({ ...at(10_000), total: 1_000_000, hasMore: true }), {
    ...{ first: at(0), prev: at(9_990) },
  });
  const { last } = pageLinks({ offset: 0, limit: 33, total: 1_000_000, hasMore: true });
  assert.deepEqual(last, { offset: 9_999, limit: 33 });
});

test('pageLinks() trusts what is known over a total that is old', () => {
  assert.deepEqual(pageLinks({ ...at(10), total: 3, hasMore: true }), {
    ...{ first: at(0), prev: at(0) },
    ...{ next: at(20), last: at(20) },
  });
});

test('pageLinks() of a page after the end leads back to where jobs are', () => {
  assert.deepEqual(pageLinks({ ...at(500), total: 31, hasMore: false }), { first: at(0), prev: at(30) });
});
