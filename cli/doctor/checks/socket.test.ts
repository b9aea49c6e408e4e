import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeListening, judgeSocket, judgeTcp } from './socket.ts';

const SOCKET = { path: '/var/run/docker.sock', group: 'docker' };
const HEADING = '  sl  local_address rem_address   st tx_queue rx_queue';

test('judgeSocket() fails for a socket that others may read or write', () => {
  assert.equal(judgeSocket({ ...SOCKET, mode: 0o140660 }).kind, 'ok');
  for (const mode of [0o140666, 0o140664, 0o140662])
    assert.equal(judgeSocket({ ...SOCKET, mode }).kind, 'fail');
});

test('judgeTcp() warns of an engine on a port of this machine, and fails for one elsewhere in production', () => {
  assert.equal(judgeTcp('tcp://127.0.0.1:2375', true).kind, 'warn');
  assert.equal(judgeTcp('tcp://[::1]:2375', true).kind, 'warn');
  assert.equal(judgeTcp('tcp://docker.example.edu', true).kind, 'fail');
  assert.equal(judgeTcp('tcp://docker.example.edu', false).kind, 'warn');
});

for (const [what, line, kind] of [
  ['on all addresses', '0: 00000000:0947 00000000:0000 0A 00000000:00000000', 'fail'],
  ['on all IPv6 addresses', '0: 00000000000000000000000000000000:0947 0:0000 0A 0', 'fail'],
  ['on loopback', '0: 0100007F:0947 00000000:0000 0A 00000000:00000000', 'ok'],
  ['on IPv6 loopback', '0: 00000000000000000000000001000000:0947 0:0000 0A 0', 'ok'],
  ['connected from there, not listening', '0: 0A00020F:0947 0A000202:C001 01 0', 'ok'],
  ['on another port', '0: 00000000:0948 00000000:0000 0A 0', 'ok'],
] as const)
  test(`judgeListening() says ${kind} for a socket ${what}`, () => {
    assert.equal(judgeListening(['', `${HEADING}\n   ${line}\n`]).kind, kind);
  });
