import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { buildQuery } from './build-image.ts';

const BUILD = { context: Readable.from([]), dockerfile: 'D', tag: 't' };

test('buildQuery() asks for the classic builder, which leaves nothing behind', () => {
  const { version, rm, forcerm, nocache } = buildQuery(BUILD);
  assert.deepEqual([version, rm, forcerm, nocache], ['1', '1', '1', undefined]);
});

test('buildQuery() writes limits as the API names them', () => {
  const query = buildQuery({ ...BUILD, memoryBytes: 1_000, cpus: 1.5, useCache: false, cgroupParent: '/p' });
  assert.equal(query['memory'], '1000');
  assert.equal(query['memswap'], '1000');
  assert.equal(query['cpuperiod'], '100000');
  assert.equal(query['cpuquota'], '150000');
  assert.equal(query['cgroupparent'], '/p');
  assert.equal(query['nocache'], '1');
});
