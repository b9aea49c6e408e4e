import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { API_ERRORS, apiError, cutText } from './api-error.ts';
import { renderErrorReference } from './render-error-reference.ts';

test('docs/reference/errors.md is what the tables of errors say', async () => {
  const page = await readFile(new URL('../docs/reference/errors.md', import.meta.url), 'utf8');
  assert.equal(page, renderErrorReference());
  for (const [code, { status }] of Object.entries(API_ERRORS)) {
    assert.match(page, new RegExp(`^\\| \`${code}\` +\\| ${status} +\\| \\S`, 'm'), code);
  }
});

test('apiError() cuts to ten sentences of 300 characters', () => {
  const body = apiError('invalid_job', new Array(20).fill('x'.repeat(1000)), 'req-1');
  assert.equal(body.errors.length, 10);
  assert.ok(body.errors.every((error) => error.length === 300 && error.endsWith('…')));
  assert.deepEqual({ ...body, errors: [] }, { errors: [], code: 'invalid_job', request_id: 'req-1' });
});

test('apiError() says the meaning of its code where there is no sentence', () => {
  assert.deepEqual(apiError('overloaded', [], 'r').errors, [API_ERRORS.overloaded.meaning]);
});

test("the contract's retries: overload, draining, a database or a store that is away are 503, no input is 5xx", () => {
  const byStatus = (status: number): string[] =>
    Object.entries(API_ERRORS).flatMap(([code, error]) => (error.status === status ? [code] : []));
  const away = ['database_unreachable', 'outcome_unknown', 'image_store_away'];
  assert.deepEqual(byStatus(503), ['overloaded', 'draining', ...away]);
  assert.deepEqual(byStatus(500), ['internal']);
  assert.deepEqual(byStatus(429), []);
});

test('cutText() leaves no half of a character', () => {
  assert.equal(cutText('abc', 3), 'abc');
  assert.equal(cutText('abcd', 3), 'ab…');
  assert.equal(cutText('a🦭🦭', 3), 'a…');
  assert.equal(cutText('a🦭🦭', 4), 'a🦭…');
});
