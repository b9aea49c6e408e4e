import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../deployment/machines.ts';
import { readComposeFile, variablesOfComposeFile } from '../deployment/read-compose.ts';
import { SETTINGS_PAGE } from './settings-reference.ts';

const SOCKET = '/var/run/docker.sock:/var/run/docker.sock';
/** The grace of running jobs, and what handing them back takes: worker/work.ts. */
const WORKER_END_SECONDS = 55;

test('compose.yaml starts targets that the Dockerfile has, after the schema, with settings that there are', async () => {
  const services = await readComposeFile();
  const page = await readFile(SETTINGS_PAGE, 'utf8');
  const dockerfile = await readFile(join(ROOT, 'deploy/orca.Dockerfile'), 'utf8');
  assert.deepEqual(Object.keys(services), ['postgres', 'migrate', 'server', 'image-builder', 'worker']);
  for (const [name, service] of Object.entries(services)) {
    if (name === 'postgres') continue;
    assert.match(dockerfile, new RegExp(`^FROM orca AS ${service.build?.target}$`, 'm'), name);
    assert.deepEqual([service.build?.context, service.build?.dockerfile], ['..', 'deploy/orca.Dockerfile']);
    for (const setting of Object.keys(service.environment))
      assert.ok(page.includes(`\`${setting}\``), setting);
    assert.equal(service.environment['ENVIRONMENT'], 'production');
    if (name === 'migrate') continue;
    assert.equal(service.depends_on?.['migrate']?.condition, 'service_completed_successfully', name);
  }
});

test('compose.yaml gives the engine only to who needs it, the API only to this machine, and workers time to end', async () => {
  const services = await readComposeFile();
  const withSocket = Object.entries(services).filter(([, { volumes }]) => volumes?.includes(SOCKET));
  assert.deepEqual(
    withSocket.map(([name]) => name),
    ['image-builder', 'worker'],
  );
  for (const [name, { ports = [] }] of Object.entries(services))
    for (const port of ports) assert.ok(port.startsWith('127.0.0.1:'), `${name} listens on ${port}`);
  assert.ok(Number.parseInt(services['worker']?.stop_grace_period ?? '', 10) >= WORKER_END_SECONDS);
});

test('example.env has a line for each variable of compose.yaml, and no other', async () => {
  const example = await readFile(join(ROOT, 'deploy/example.env'), 'utf8');
  const given = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name);
  assert.deepEqual(given.sort(), (await variablesOfComposeFile()).sort());
});
