import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { type Commands, createProgram } from './program.ts';
import { REPOSITORY } from './repository.ts';

/** Calls `orca` with arguments; returns what the command got, and the exit status that it gave. */
async function call(...args: string[]): Promise<{ calls: unknown[]; status: number | undefined }> {
  const calls: unknown[] = [];
  let status: number | undefined;
  const commands: Commands = {
    up: async (options) => calls.push('up', options),
    demo: async (examples, options) => calls.push('demo', examples, options),
    listImages: async (options) => calls.push('list', options),
    showImage: async (sha, options) => calls.push('show', sha, options),
    buildImage: async (path, options) => calls.push('build', path, options),
    keys: async (args, options) => calls.push('keys', args, options),
    test: async (options) => calls.push('test', options),
    completion: async (shell) => calls.push('completion', shell),
    doctor: async (options) => calls.push('doctor', options),
    audit: async (options) => calls.push('audit', options),
    simulate: async (file, options) => calls.push('simulate', file, options),
    validate: async (file, options) => calls.push('validate', file, options),
    grade: async (file, options) => calls.push('grade', file, options),
    submit: async (file, options) => calls.push('submit', file, options),
    trace: async (id, options) => calls.push('trace', id, options),
    queue: {
      list: async (options) => calls.push('queue', options),
      steer: async (action, id, options) => calls.push(action, id, options),
      bulk: async (action, options) => calls.push('bulk', action, options),
    },
    deliveries: {
      list: async (options) => calls.push('deliveries', options),
      show: async (id, options) => calls.push('show', id, options),
      sendAgain: async (id, options) => calls.push('send-again', id, options),
      sendAll: async (host, options) => calls.push('send-all', host, options),
    },
  };
  const program = quiet(
    createProgram(commands, (given) => {
      status = given;
    }),
  );
  await program.parseAsync(args, { from: 'user' });
  return { calls, status };
}

/** Throws where the real one ends the process, and prints nothing. */
function quiet(program: Command): Command {
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])])
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  return program;
}

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

test('orca trace takes the number of a job', async () => {
  assert.deepEqual((await call('trace', '17', '--json')).calls, ['trace', 17, { json: true }]);
  for (const args of [[], ['0'], ['last']])
    await assert.rejects(call('trace', ...args), { name: 'CommanderError' });
});

test('orca queue takes a filter and a page, and its commands the number of a job', async () => {
  const plain = { json: false, limit: 20, offset: 0 };
  assert.deepEqual((await call('queue')).calls, ['queue', plain]);
  const filtered = await call('queue', '--where', 'course=a=b', '--limit', '50', '--offset', '100');
  assert.deepEqual(filtered.calls, [
    'queue',
    { json: false, limit: 50, offset: 100, where: ['course', 'a=b'] },
  ]);
  assert.deepEqual((await call('queue', 'release', '17')).calls, ['release', 17, { json: false }]);
  for (const args of [
    ['--where', 'course'],
    ['--where', '=x'],
    ['--limit', '51'],
    ['cancel', '0'],
    ['delay'],
  ])
    await assert.rejects(call('queue', ...args), { name: 'CommanderError' });
});

test('orca queue bulk has its own filter, which may name several fields, and takes no option of the list', async () => {
  const { calls } = await call(
    ...['queue', 'bulk', 'regrade', '--where', 'course=CS 1', '--where', 'hw=a=b'],
    ...['--submitter', 'user:a:b', '--json'],
  );
  const where = [
    ['course', 'CS 1'],
    ['hw', 'a=b'],
  ];
  const submitter = { type: 'user', id: 'a:b' };
  assert.deepEqual(calls, ['bulk', 'regrade', { json: true, yes: false, where, submitter }]);
  await assert.rejects(call('queue', 'bulk', 'regrade', '--limit', '5'), /unknown option '--limit'/);
  await assert.rejects(call('queue', 'bulk', 'grade'), /Allowed choices are cancel, release, delay, regrade/);
});

test('orca simulate makes up a course of 300 students for one worker with two slots, unless it is told otherwise', async () => {
  const { calls } = await call('simulate', 'trace.csv', '--workers', '4', '--grading-seconds', '5');
  assert.deepEqual(calls, [
    'simulate',
    'trace.csv',
    {
      ...{ workers: 4, slots: 2, overhead: 0, data: REPOSITORY.defaultData, seed: 1, json: false },
      ...{ students: 300, repeaters: 10, repeats: 5, window: 3_600, deadlineShape: 'rush' },
      gradingSeconds: { kind: 'constant', seconds: 5 },
    },
  ]);
});

test('orca deliveries lists, also without its command, and hands on what the commands above it were told', async () => {
  const whole = { json: false, limit: 20, offset: 0 };
  assert.deepEqual((await call('deliveries')).calls, ['deliveries', whole]);
  const { calls } = await call('deliveries', '--json', '--state', 'refused', '--host', 'h', '--job', '17');
  assert.deepEqual(calls, ['deliveries', { ...whole, json: true, state: 'refused', host: 'h', job: 17 }]);
  const sendAll = await call('deliveries', 'send-all', 'h', '--dry-run', '--server', 'http://x:1');
  assert.deepEqual(sendAll.calls, ['send-all', 'h', { json: false, dryRun: true, server: 'http://x:1' }]);
  assert.deepEqual((await call('deliveries', 'send-again', '3')).calls, ['send-again', 3, { json: false }]);
  await assert.rejects(
    call('deliveries', 'send-all', 'h', '--state', 'pending'),
    /argument 'pending' is invalid/,
  );
});
