import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerHost, showAddress } from './engine-address.ts';

test('parseDockerHost() reads what DOCKER_HOST may hold', () => {
  assert.deepEqual(parseDockerHost('unix:///run/x.sock'), { kind: 'unix', path: '/run/x.sock' });
  assert.deepEqual(parseDockerHost('tcp://10.0.0.1'), { kind: 'tcp', host: '10.0.0.1', port: 2375 });
  assert.deepEqual(parseDockerHost('tcp://[::1]:99'), { kind: 'tcp', host: '::1', port: 99 });
});

test('parseDockerHost() takes nothing else', () => {
  for (const text of ['', '/run/x.sock', 'unix://x', 'ssh://host', 'http://host', 'tcp://']) {
    assert.equal(parseDockerHost(text), null, text);
  }
});

test('showAddress() shows an address as DOCKER_HOST has it', () => {
  assert.equal(showAddress({ kind: 'unix', path: '/run/x.sock' }), 'unix:///run/x.sock');
  assert.equal(showAddress({ kind: 'tcp', host: 'h', port: 1 }), 'tcp://h:1');
});
