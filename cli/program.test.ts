import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from './repository.ts';
import { call } from './testing/call-program.ts';

test('orca up has a port, a folder and one worker unless it is told otherwise', async () => {
  const { calls } = await call('up');
  assert.deepEqual(calls, ['up', { port: 4000, data: REPOSITORY.defaultData, workers: 1, concurrency: 1 }]);
});

test('orca up takes every option, a folder as a path from here', async () => {
  const { calls } = await call(
    'up',
    ...['--port', '0', '--data', 'here', '--workers', '2', '--concurrency', '3'],
  );
  assert.deepEqual(calls, ['up', { port: 0, data: resolve('here'), workers: 2, concurrency: 3 }]);
});

test('orca demo takes examples by name, and --keep', async () => {
  const data = REPOSITORY.defaultData;
  assert.deepEqual((await call('demo')).calls, ['demo', [], { keep: false, json: false, data }]);
  assert.deepEqual((await call('demo', 'a', 'b', '--keep')).calls, [
    'demo',
    ['a', 'b'],
    { keep: true, json: false, data },
  ]);
});

test('orca images lists, shows and builds, with options before and behind the command', async () => {
  assert.deepEqual((await call('images')).calls, ['list', { json: false }]);
  assert.deepEqual((await call('images', '--json', '--server', 'http://x')).calls, [
    'list',
    { json: true, server: 'http://x' },
  ]);
  assert.deepEqual((await call('images', 'show', 'abc', '--key', 'k')).calls, [
    'show',
    'abc',
    { json: false, key: 'k' },
  ]);
  assert.deepEqual((await call('images', '--key', 'k', 'build', 'Dockerfile')).calls, [
    'build',
    'Dockerfile',
    { json: false, key: 'k', wait: true },
  ]);
  assert.deepEqual((await call('images', 'build', 'Dockerfile', '--no-wait', '--json')).calls, [
    'build',
    'Dockerfile',
    { json: true, wait: false },
  ]);
});

test('orca doctor takes a role and a URL, and finds both out unless it is told', async () => {
  const data = REPOSITORY.defaultData;
  const usual = { role: null, url: null, data, strict: false, json: false };
  assert.deepEqual((await call('doctor')).calls, ['doctor', usual]);
  const { calls } = await call('doctor', '--role', 'worker', '--url', 'http://x', '--strict', '--json');
  assert.deepEqual(calls, ['doctor', { role: 'worker', url: 'http://x', data, strict: true, json: true }]);
});

test('orca test takes --soak with a number of jobs or without, and a seed', async () => {
  assert.deepEqual((await call('test', '--soak')).calls, ['test', { all: false, again: false, soak: 2_000 }]);
  const { calls } = await call('test', '--soak', '60', '--seed', '7');
  assert.deepEqual(calls, ['test', { all: false, again: false, soak: 60, seed: 7 }]);
});

test('orca test takes --all, and the status of a command is that of the program', async () => {
  assert.deepEqual((await call('test')).calls, ['test', { all: false, again: false }]);
  const { calls, status } = await call('test', '--all');
  assert.deepEqual(calls, ['test', { all: true, again: false }]);
  assert.equal(status, 2);
});

test('orca validate takes a file, draws boxes unless it is told otherwise, and JSON instead', async () => {
  assert.deepEqual((await call('validate', 'job.json')).calls, [
    'validate',
    'job.json',
    { format: 'boxes', atHome: false, json: false },
  ]);
  const { calls } = await call('validate', '-', '--format', 'dot');
  assert.deepEqual(calls, ['validate', '-', { format: 'dot', atHome: false, json: false }]);
});

test('orca grade takes a file, and grades it in a container unless it is told otherwise', async () => {
  const usual = {
    watch: false,
    container: true,
    image: null,
    dockerfile: null,
    allowNetwork: false,
    json: false,
  };
  assert.deepEqual((await call('grade', 'job.json')).calls, ['grade', 'job.json', usual]);
  const { calls } = await call('grade', 'j', '--watch', '--no-container', '--image', 'a', '--allow-network');
  assert.deepEqual(calls, [
    'grade',
    'j',
    { ...usual, watch: true, container: false, image: 'a', allowNetwork: true },
  ]);
});

test('orca submit takes a file, a server, a key and whether to wait', async () => {
  assert.deepEqual((await call('submit', '-')).calls, ['submit', '-', { wait: false, json: false }]);
  const { calls } = await call('submit', 'j', '--wait', '--server', 's', '--key', 'k', '--json');
  assert.deepEqual(calls, ['submit', 'j', { wait: true, json: true, server: 's', key: 'k' }]);
});

test('orca keys hands on what stands behind it, in its order, and takes --data anywhere', async () => {
  const data = REPOSITORY.defaultData;
  assert.deepEqual((await call('keys', 'list')).calls, ['keys', ['list'], { data }]);
  assert.deepEqual((await call('keys')).calls, ['keys', [], { data }]);
  const create = ['create', '--host', 'a.example', '--host=b.example', '--note', 'for --data', '--json'];
  assert.deepEqual((await call('keys', ...create)).calls, ['keys', create, { data }]);
  const there = { data: resolve('there') };
  assert.deepEqual((await call('keys', '--data', 'there', ...create)).calls, ['keys', create, there]);
  assert.deepEqual((await call('keys', ...create, '--data', 'there')).calls, ['keys', create, there]);
  const rotate = ['secrets', 'rotate', 'a.example', '--overlap', '0'];
  assert.deepEqual((await call('keys', ...rotate)).calls, ['keys', rotate, { data }]);
  for (const help of [['--help'], ['create', '-h']])
    assert.deepEqual((await call('keys', ...help)).calls, ['keys', help, { data }]);
});

for (const args of [
  ['frob'],
  ['validate'],
  ['validate', 'x', '--format', 'svg'],
  ['grade', 'x', '--image', 'a', '--dockerfile', 'b'],
  ['validate', 'x', '--format', 'dot', '--json'],
  ['up', '--port', '65536'],
  ['up', '--workers', '0'],
  ['up', 'extra'],
  ['demo', '--keep', '--json'],
  ['doctor', '--role', 'cook'],
  ['doctor', 'extra'],
  ['test', '-x'],
  ['test', '--all', '--soak'],
  ['test', '--soak', '0'],
  ['test', '--soak', '1', '--seed', '-1'],
  ['completion'],
  ['completion', 'csh'],
  ['images', 'frob'],
  ['images', 'show'],
  ['images', 'build', 'one', 'two'],
])
  test(`orca ${args.join(' ')} is refused`, async () => {
    await assert.rejects(call(...args), { exitCode: 1 });
  });
