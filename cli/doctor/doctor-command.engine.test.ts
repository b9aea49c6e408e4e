import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { connectEngine, listContainers } from '@orca/docker';
import { CHECKS } from './checks.ts';
import { checksOf, runDoctor } from './testing/run-doctor.ts';

/** The engine that everything else is told to use, too. */
function engineEnvironment(): Record<string, string> {
  // biome-ignore lint/style/noProcessEnv: tests run on the engine that everything else is told to use, too
  const host = process.env['DOCKER_HOST'];
  return host === undefined ? {} : { DOCKER_HOST: host };
}

test('orca doctor tries a container as jobs have it, without a network, and leaves none behind', async () => {
  const checks = checksOf(await runDoctor(['--role', 'worker', '--json'], engineEnvironment()));
  assert.equal(checks.get('engine')?.state, 'ok');
  assert.equal(checks.get('base-image')?.state === 'fail', false);
  assert.deepEqual(
    [checks.get('trial')?.state, checks.get('trial')?.now?.startsWith('A container ran')],
    ['ok', true],
  );
  const engine = await connectEngine(engineEnvironment()['DOCKER_HOST']);
  const containers = await listContainers(engine, {});
  assert.deepEqual(
    containers.filter(({ labels }) => labels['orca.installation']?.startsWith('doctor-')),
    [],
  );
});

test('orca doctor tells of a runtime that the engine has not, and that no container runs in it', async () => {
  const env = { ...engineEnvironment(), ORCA_CONTAINER_RUNTIME: 'no-such-runtime' };
  const checks = checksOf(await runDoctor(['--role', 'worker', '--json'], env));
  assert.match(checks.get('engine.runtime')?.now ?? '', /no runtime "no-such-runtime"/);
  assert.deepEqual(
    [checks.get('trial')?.state, /no-such-runtime/.test(checks.get('trial')?.now ?? '')],
    ['fail', true],
  );
});

test('orca doctor asks the API server, and looks at its clock', async () => {
  const server = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() - 600_000).toUTCString());
    response.setHeader('content-type', 'application/json').end('{"message":"ok","numJobs":2}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const args = ['--role', 'worker', '--url', `http://127.0.0.1:${address.port}`, '--json'];
    const checks = checksOf(await runDoctor(args, engineEnvironment()));
    assert.match(checks.get('orchestrator')?.now ?? '', /with 2 jobs/);
    assert.match(checks.get('clock.orchestrator')?.now ?? '', /(599|600|601)\.\d s behind/);
    assert.equal(checks.get('clock.orchestrator')?.state, 'fail');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('orca doctor prints a line for each check of a role, and counts warnings with --strict', async () => {
  const { stdout, status } = await runDoctor(['--role', 'orchestrator', '--strict'], engineEnvironment());
  const mine = CHECKS.filter(({ roles }) => roles.includes('orchestrator'));
  for (const { name } of mine) assert.match(stdout, new RegExp(`^(ok|warn|fail|skipped) +${name}  `, 'm'));
  assert.match(stdout, /\n\d+ ok, \d+ warnings?, \d+ failed, \d+ skipped\n$/);
  assert.equal(status, 1);
});
