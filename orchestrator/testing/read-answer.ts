import assert from 'node:assert/strict';

/** What the API answered. */
export type TestAnswer = { status: number; headers: Headers; body: unknown };

/** Checks that an answer is an error in the contract's form; returns its code and its sentences. */
export function errorOf({ body }: Pick<TestAnswer, 'body'>): { code: unknown; text: string } {
  assert.ok(typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors));
  assert.ok('code' in body && 'request_id' in body && typeof body.request_id === 'string');
  assert.deepEqual(Object.keys(body).sort(), ['code', 'errors', 'request_id']);
  assert.ok(body.errors.length > 0 && body.errors.every((sentence) => typeof sentence === 'string'));
  return { code: body.code, text: body.errors.join('\n') };
}

/** The id of the job that a PUT was answered with. */
export function idOf({ body }: Pick<TestAnswer, 'body'>): unknown {
  assert.ok(typeof body === 'object' && body !== null && 'status' in body);
  assert.ok(typeof body.status === 'object' && body.status !== null && 'id' in body.status);
  return body.status.id;
}
