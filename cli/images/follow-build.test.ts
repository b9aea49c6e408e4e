import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { followBuild } from './follow-build.ts';

const SHA = 'a'.repeat(64);
const RUNNING = { number: 1, builder: 'b', outcome: null };
const READY = { ...RUNNING, outcome: 'ready' };

/** A server that shows an image as it was at one look after the other, with a log of one piece. */
async function serve(looks: readonly { state: string; build_history: readonly object[] }[]) {
  const left = [...looks];
  const server = createServer(({ url = '' }, response) => {
    const answer = (value: unknown): unknown => response.end(JSON.stringify(value));
    if (url.includes('/status/')) return answer('its turn comes');
    if (url.includes('/log?after=0'))
      return answer({ pieces: [{ piece: 1, step: 'Step 1', output: 'x' }], is_over: true });
    if (url.includes('/log?')) return answer({ pieces: [], is_over: true });
    return answer({ sha: SHA, ...(left.length > 1 ? left.shift() : left[0]) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    access: { server: `http://127.0.0.1:${port}`, key: null },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function follow(looks: Parameters<typeof serve>[0]): Promise<string[]> {
  await using orca = await serve(looks);
  const told: string[] = [];
  const printer = {
    line: (text: string) => void told.push(text),
    pieces: (pieces: readonly { output: string }[]) => void told.push(...pieces.map(({ output }) => output)),
    restart: () => undefined,
  };
  await followBuild(orca.access, SHA, printer, new AbortController().signal);
  return told;
}

test('followBuild() shows a build that a builder took between the look at the image and the one at its builds', async () => {
  const told = await follow([
    { state: 'queued', build_history: [RUNNING] },
    { state: 'ready', build_history: [READY] },
  ]);
  assert.deepEqual(told, ['Build 1, by b', 'x', 'its turn comes']);
});

test('followBuild() shows nothing of a build that was over while the next one was queued', async () => {
  const failed = { ...RUNNING, outcome: 'failed' };
  const told = await follow([
    { state: 'queued', build_history: [failed] },
    { state: 'ready', build_history: [{ ...READY, number: 2 }, failed] },
  ]);
  assert.deepEqual(told, ['its turn comes', 'Build 2, by b', 'x']);
});
