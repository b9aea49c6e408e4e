import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseRole } from './choose-role.ts';
import { settingsOf } from './read-settings.ts';
import { serverAddress } from './server-address.ts';
import { isThisMachine } from './this-machine.ts';

for (const [what, asked, env, folder, role] of [
  ['--role', 'worker', { API_PORT: '80' }, '/srv/orca/orchestrator', 'worker'],
  ['the folder worker/', null, { API_PORT: '80' }, '/srv/orca/worker', 'worker'],
  ['the folder orchestrator/', null, {}, '/srv/orca/orchestrator', 'orchestrator'],
  ['a server elsewhere', null, { ORCA_WEB_SERVER_HOST: 'orca.example.edu' }, '/srv', 'worker'],
  ['a server here', null, { ORCA_WEB_SERVER_HOST: '127.0.0.1:4000' }, '/srv', 'all'],
  ['a port', null, { API_PORT: '80' }, '/srv', 'orchestrator'],
  ['a port and a server here', null, { API_PORT: '80', ORCA_WEB_SERVER_HOST: 'localhost' }, '/srv', 'all'],
  ['nothing', null, { API_PORT: '' }, '/srv', 'all'],
] as const)
  test(`chooseRole() takes ${role} from ${what}`, () => {
    assert.equal(chooseRole(asked, env, folder).role, role);
  });

test('isThisMachine() knows loopback in all its forms', () => {
  for (const text of ['localhost:80', '127.0.0.1', 'http://127.8.0.1:1/x', '[::1]:80', 'http://[::1]/', ''])
    assert.ok(isThisMachine(text), text);
  for (const text of [
    'orca.example.edu',
    '128.0.0.1:80',
    'https://localhost.example.edu',
    '0.0.0.0',
    '127.example.edu',
  ])
    assert.ok(!isThisMachine(text), text);
});

test('serverAddress() reads what workers are told, else the port of this machine', () => {
  const address = (role: 'worker' | 'orchestrator', values: object) =>
    serverAddress(role, settingsOf(values, []))?.href;
  assert.equal(
    address('worker', { ORCA_WEB_SERVER_HOST: 'orca.example.edu:80' }),
    'http://orca.example.edu/',
  );
  assert.equal(address('worker', { ORCA_WEB_SERVER_HOST: 'https://x/base/' }), 'https://x/base/');
  assert.equal(address('worker', { ORCA_WEB_SERVER_HOST: 'http://u:p@x' }), undefined);
  assert.equal(address('orchestrator', { API_PORT: 8080 }), 'http://127.0.0.1:8080/');
});

for (const [listens, href] of [
  ['10.0.0.5', 'http://10.0.0.5:8080/'],
  ['fd00::5', 'http://[fd00::5]:8080/'],
  ['localhost', 'http://localhost:8080/'],
  ['0.0.0.0', 'http://127.0.0.1:8080/'],
  ['::', 'http://127.0.0.1:8080/'],
  ['0:0:0:0:0:0:0:0', 'http://127.0.0.1:8080/'],
  ['no address', 'http://127.0.0.1:8080/'],
] as const)
  test(`serverAddress() is ${href} for an orchestrator that listens on ${listens}`, () => {
    const settings = settingsOf({ API_PORT: 8080, ORCA_LISTEN_ADDRESS: listens }, []);
    assert.equal(serverAddress('orchestrator', settings)?.href, href);
  });
