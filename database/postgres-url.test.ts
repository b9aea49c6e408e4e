import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPrismaParameters } from './postgres-url.ts';

test('withoutPrismaParameters() takes out what PostgreSQL does not know, and nothing else', () => {
  assert.equal(
    withoutPrismaParameters(
      'postgresql://u:p%40ss@db:5432/orca?schema=public&connection_limit=5&sslmode=require',
    ),
    'postgresql://u:p%40ss@db:5432/orca?sslmode=require',
  );
  assert.equal(withoutPrismaParameters('postgres://u:p@db/orca'), 'postgres://u:p@db/orca');
});

test('withoutPrismaParameters() refuses what is no such URL, without repeating it', () => {
  for (const url of ['mysql://u:secret@db/x', 'secret', '', 'postgres:secret@']) {
    assert.throws(
      () => withoutPrismaParameters(url),
      (error: unknown) => error instanceof TypeError && !error.message.includes('secret'),
      url,
    );
  }
});
