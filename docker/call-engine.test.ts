import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { callEngine, type Engine, type EngineCall, upgradeCall } from './call-engine.ts';
import { parseDockerHost } from './engine-address.ts';
import { isRefusal } from './engine-error.ts';
import { startFakeEngine } from './testing/fake-engine.ts';

const CALL: EngineCall = { method: 'GET', path: '/x', timeoutMs: 10_000 };

function engineAt(dockerHost: string): Engine {
  return { address: parseDockerHost(dockerHost) ?? assert.fail(dockerHost), apiVersion: '1.41' };
}

async function withAnswer(
  answer: (response: ServerResponse, url: string) => void,
  check: (engine: Engine) => Promise<void>,
): Promise<void> {
  await using fake = await startFakeEngine((request, response) => answer(response, request.url ?? ''));
  await check(engineAt(fake.dockerHost));
}

describe('callEngine()', () => {
  test('hands back the JSON of the answer, and asks in the version agreed', async () => {
    await withAnswer(
      (response, url) => response.end(JSON.stringify({ url })),
      async (engine) => {
        const answer = await callEngine(engine, { ...CALL, query: { filters: '{"a":["b c"]}' } });
        assert.deepEqual(answer, { url: '/v1.41/x?filters=%7B%22a%22%3A%5B%22b+c%22%5D%7D' });
      },
    );
    await withAnswer(
      (response) => response.writeHead(204).end(),
      async (engine) => assert.equal(await callEngine(engine, CALL), null),
    );
  });

  test('throws engine_refused with the status and what the engine says', async () => {
    await withAnswer(
      (response) => response.writeHead(409).end('{"message":"in use"}'),
      async (engine) => {
        const error = await callEngine(engine, CALL).catch((thrown: unknown) => thrown);
        assert.ok(isRefusal(error, 404, 409));
        assert.ok(!isRefusal(error, 404));
        assert.match(String(error), /Cannot GET "\/x" .+ it answered 409, in use$/);
      },
    );
  });

  test('throws engine_timeout when nothing comes, and when an answer does not end', async () => {
    const never = (): void => undefined;
    const half = (response: ServerResponse): void => void response.writeHead(200).write('{');
    for (const answer of [never, half]) {
      await withAnswer(answer, (engine) =>
        assert.rejects(callEngine(engine, { ...CALL, timeoutMs: 50 }), { code: 'engine_timeout' }),
      );
    }
  });

  test("throws the signal's own reason when that aborts", async () => {
    const reason = new Error('enough');
    const stop = new AbortController();
    await withAnswer(
      () => stop.abort(reason),
      (engine) => assert.rejects(callEngine(engine, CALL, stop.signal), (error) => error === reason),
    );
  });

  test('throws engine_answer_invalid for what is no JSON', async () => {
    await withAnswer(
      (response) => response.end('<html>'),
      (engine) => assert.rejects(callEngine(engine, CALL), { code: 'engine_answer_invalid' }),
    );
  });

  test('throws engine_unreachable when nobody listens, and when the connection breaks', async () => {
    await assert.rejects(callEngine(engineAt('unix:///nowhere.sock'), CALL), { code: 'engine_unreachable' });
    await withAnswer(
      (response) => response.socket?.destroy(),
      (engine) => assert.rejects(callEngine(engine, CALL), { code: 'engine_unreachable' }),
    );
  });
});

describe('upgradeCall()', () => {
  test('throws what the engine says when it does not upgrade', async () => {
    await withAnswer(
      (response) => response.writeHead(404).end('{"message":"no such container"}'),
      (engine) => assert.rejects(upgradeCall(engine, CALL), { code: 'engine_refused', status: 404 }),
    );
  });

  test('throws engine_timeout when the engine hangs, also in the middle of its refusal', async () => {
    await withAnswer(
      (response) => response.writeHead(404, { 'content-length': '100' }).write('{"mess'),
      (engine) => assert.rejects(upgradeCall(engine, { ...CALL, timeoutMs: 50 }), { code: 'engine_timeout' }),
    );
    await withAnswer(
      () => undefined,
      (engine) => assert.rejects(upgradeCall(engine, { ...CALL, timeoutMs: 50 }), { code: 'engine_timeout' }),
    );
  });
});
