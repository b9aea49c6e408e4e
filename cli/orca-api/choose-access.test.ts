import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseAccess } from './choose-access.ts';

test('chooseAccess() takes options before the environment, and one on this machine without a key at last', () => {
  assert.deepEqual(chooseAccess({}, {}), { server: 'http://127.0.0.1:4000', key: null });
  const env = { ORCA_SERVER: 'https://orca.example.edu/base/', ORCA_API_KEY: 'k' };
  assert.deepEqual(chooseAccess({}, env), { server: 'https://orca.example.edu/base', key: 'k' });
  assert.deepEqual(chooseAccess({ server: 'http://x:1', key: 'other' }, env), {
    server: 'http://x:1',
    key: 'other',
  });
});

for (const server of ['orca.example.edu', 'ftp://x', 'http://x/?a', 'http://'])
  test(`chooseAccess() refuses ${server} as an address`, () => {
    assert.throws(() => chooseAccess({ server }, {}), {
      name: 'UserError',
      status: 2,
      message: /must look like/,
    });
  });

test('chooseAccess() shows no secret in what it refuses', () => {
  for (const options of [{ key: 's3cret\n' }, { server: 'http://user:s3cret@x' }])
    assert.throws(
      () => chooseAccess(options, {}),
      (error) => error instanceof Error && error.name === 'UserError' && !error.message.includes('s3cret'),
    );
});
