import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { daemonSettings, parseSettings } from '@orca/daemon';
import { createOutbound, postJson } from '@orca/outbound';
import { outboundPolicy } from './outbound-policy.ts';
import { serverSettings } from './server-settings.ts';

const NEVER = new AbortController().signal;

/** What becomes of a POST to a server of this machine, which settings may say belongs to Orca. */
async function post(env: (at: string) => Record<string, string>): Promise<string> {
  const server = createServer((request, response) => void request.resume().on('end', () => response.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const bound = server.address();
    assert.ok(bound !== null && typeof bound !== 'string');
    const at = `127.0.0.1:${bound.port}`;
    const text = { POSTGRES_URL: 'postgresql://db.invalid/orca', ...env(at) };
    const parsed = parseSettings({ ...daemonSettings, ...serverSettings }, text);
    assert.ok(parsed.kind === 'ok', JSON.stringify(parsed));
    const outbound = createOutbound({ policy: outboundPolicy(parsed.values), userAgent: 'a test' });
    const times = { connectMs: 1_000, totalMs: 5_000 };
    const outcome = await postJson(
      outbound,
      { url: `http://${at}/info`, body: '{}', headers: {}, ...times },
      NEVER,
    );
    return outcome.kind === 'forbidden' ? outcome.sentence : outcome.kind;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('outboundPolicy() reaches none of the engines, the database and what else is Orca’s', async () => {
  assert.equal(await post(() => ({})), 'answered');
  const own: ((at: string) => Record<string, string>)[] = [
    (at) => ({ POSTGRES_URL: `postgresql://${at}/orca` }),
    (at) => ({ DOCKER_HOST: `tcp://${at}` }),
    (at) => ({ ORCA_BUILD_DOCKER_HOST: `tcp://${at}` }),
    (at) => ({ ORCA_OWN_ADDRESSES: `10.0.0.9:2375,${at}` }),
    () => ({ ORCA_OWN_ADDRESSES: '127.0.0.1' }),
  ];
  for (const env of own) assert.match(await post(env), /belong to Orca itself/, JSON.stringify(env('x')));
});
