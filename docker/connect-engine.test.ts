import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { API_VERSION_MAX, commonVersion, connectEngine } from './connect-engine.ts';
import { startFakeEngine } from './testing/fake-engine.ts';

test('commonVersion() is the newest that both sides speak', () => {
  assert.equal(commonVersion('1.41', '1.12'), '1.41');
  assert.equal(commonVersion('1.47', '1.24'), '1.47');
  assert.equal(commonVersion('1.99', '1.44'), API_VERSION_MAX);
  assert.equal(commonVersion('1.40', '1.12'), null);
  assert.equal(commonVersion('1.9', '1.1'), null);
  assert.equal(commonVersion('2.5', '2.0'), null);
});

describe('connectEngine()', () => {
  test('agrees on a version', async () => {
    await using fake = await startFakeEngine((_request, response) =>
      response.end('{"ApiVersion":"1.43","MinAPIVersion":"1.12"}'),
    );
    assert.equal((await connectEngine(fake.dockerHost)).apiVersion, '1.43');
  });

  test('says what an engine that is too old speaks', async () => {
    await using fake = await startFakeEngine((_request, response) => response.end('{"ApiVersion":"1.39"}'));
    await assert.rejects(connectEngine(fake.dockerHost), {
      code: 'engine_too_old',
      message: /it speaks API 1\.39/,
    });
  });

  test('throws engine_unreachable for an address without an engine, and for what is no address', async () => {
    await assert.rejects(connectEngine('unix:///nowhere.sock'), { code: 'engine_unreachable' });
    await assert.rejects(connectEngine('ssh://host'), {
      code: 'engine_unreachable',
      message: /"ssh:\/\/host"/,
    });
  });

  test('throws engine_answer_invalid for something else on the socket', async () => {
    await using fake = await startFakeEngine((_request, response) => response.end('[]'));
    await assert.rejects(connectEngine(fake.dockerHost), { code: 'engine_answer_invalid' });
  });
});
