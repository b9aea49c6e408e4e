import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from './read-arguments.ts';
import { KEYS_USAGE } from './usage.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

/** What the command line asks for. */
function callOf(...args: string[]): unknown {
  const read = readArguments(args, NOW);
  assert.ok(read.kind === 'call', JSON.stringify(read));
  return read.call;
}

/** What is wrong with the command line. */
function problemsOf(...args: string[]): string {
  const read = readArguments(args, NOW);
  assert.ok(read.kind === 'wrong', JSON.stringify(read));
  return read.problems.join('\n');
}

test('readArguments() reads create with hostnames as clients have them, each once', () => {
  const hosts = ['--host', 'Course.Example.EDU', '--host', 'other.example', '--host', 'course.example.edu'];
  assert.deepEqual(callOf('create', ...hosts), {
    kind: 'create',
    hostnames: ['course.example.edu', 'other.example'],
    role: 'client',
    expiresAt: null,
    note: '',
    json: false,
  });
  const more = ['--role', 'admin', '--expires', '90d', '--note', 'für Ada', '--json'];
  assert.deepEqual(callOf('create', ...more), {
    kind: 'create',
    hostnames: [],
    role: 'admin',
    expiresAt: new Date('2027-02-22T12:00:00Z'),
    note: 'für Ada',
    json: true,
  });
});

test('readArguments() tells all problems of create together', () => {
  const wrong = [
    '--host',
    'https://a.example',
    '--host',
    'a.example:80',
    '--role',
    'boss',
    '--expires',
    'soon',
  ];
  const problems = problemsOf('create', ...wrong, '--note', 'a\nb');
  for (const part of [/has a scheme/, /has a port/, /"boss" as --role/, /"soon" as --expires/, /--note/])
    assert.match(problems, part);
  assert.match(problemsOf('create'), /name the course site with --host/);
  assert.match(problemsOf('create', '--role', 'staff'), /name the course site with --host/);
  assert.match(problemsOf('create', '--host', 'a.example', '--note', 'n'.repeat(201)), /200 characters/);
  assert.equal(Object(callOf('create', '--host', 'a.example', '--note', 'n'.repeat(200))).note.length, 200);
});

test('readArguments() reads the other commands', () => {
  assert.deepEqual(callOf('list', '--json'), { kind: 'list', json: true });
  assert.deepEqual(callOf('revoke', '17'), { kind: 'revoke', id: 17, json: false });
  const imported = { kind: 'import', schema: null, table: 'ApiKey', dryRun: false, json: false };
  assert.deepEqual(callOf('import'), imported);
  assert.deepEqual(callOf('import', '--table', 'Old.Keys', '--dry-run'), {
    ...imported,
    ...{ schema: 'Old', table: 'Keys', dryRun: true },
  });
  assert.deepEqual(callOf('import', '--table', '"my.schema"."Api""Key"'), {
    ...imported,
    ...{ schema: 'my.schema', table: 'Api"Key' },
  });
  assert.deepEqual(callOf('secrets', 'list'), { kind: 'list_secrets', json: false });
  const rotate = { kind: 'rotate_secret', client: 'a.example', json: false };
  assert.deepEqual(callOf('secrets', 'rotate', 'A.example'), { ...rotate, overlapSeconds: 86_400 });
  assert.deepEqual(callOf('secrets', 'rotate', 'a.example', '--overlap', '0'), {
    ...rotate,
    overlapSeconds: 0,
  });
  assert.deepEqual(callOf('secrets', 'rotate', 'a.example', '--overlap', '90d'), {
    ...rotate,
    overlapSeconds: 7_776_000,
  });
});

test('readArguments() refuses what it does not understand', () => {
  const lines: [string[], RegExp][] = [
    [[], /name a command/],
    [['frob'], /no such command/],
    [['create', '--hots', 'a.example'], /'--hots'/],
    [['create', 'a.example'], /'a.example'/],
    [['create', '--host'], /--host/],
    [['list', 'all'], /'all'/],
    [['revoke'], /one id/],
    [['revoke', '1', '2'], /one id/],
    [['revoke', '0'], /one id/],
    [['revoke', '1e3'], /one id/],
    [['revoke', '99999999999999999999'], /one id/],
    [['import', '--table', ''], /like public.ApiKey/],
    [['import', '--table', 'a.b.c'], /like public.ApiKey/],
    [['import', '--table', 'a";drop'], /like public.ApiKey/],
    [['secrets'], /"list", or "rotate"/],
    [['secrets', 'rotate'], /"list", or "rotate"/],
    [['secrets', 'list', 'a.example'], /"list", or "rotate"/],
    [['secrets', 'rotate', 'a.example:80'], /port/],
    [['secrets', 'rotate', 'a.example', '--overlap', '91d'], /at most 90d/],
  ];
  for (const [args, problem] of lines) assert.match(problemsOf(...args), problem, args.join(' '));
});

test('every command of keys has a help with examples and statuses', () => {
  assert.deepEqual(readArguments(['--help'], NOW), { kind: 'help', topic: 'keys' });
  for (const topic of ['create', 'list', 'revoke', 'import', 'secrets'] as const) {
    assert.deepEqual(readArguments([topic, '--help'], NOW), { kind: 'help', topic });
    assert.deepEqual(readArguments([topic, '-h'], NOW), { kind: 'help', topic });
    assert.match(KEYS_USAGE[topic], new RegExp(`\nExamples:\n  keys ${topic}`));
    assert.match(KEYS_USAGE[topic], /\nStatus: 0/);
  }
});
