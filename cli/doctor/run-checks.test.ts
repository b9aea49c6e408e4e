import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPaint } from '../paint.ts';
import { type Check, EVERYWHERE, fail, ok, skipped, warn } from './check.ts';
import { CHECKS } from './checks.ts';
import { openHost } from './host.ts';
import { settingsOf } from './read-settings.ts';
import { renderFindings } from './render-findings.ts';
import { type Finding, runChecks } from './run-checks.ts';

const host = (role: 'worker' | 'orchestrator' | 'all') =>
  openHost({
    ...{ role, env: {}, folder: '/', settings: settingsOf({}, []), server: null },
    database: { kind: 'none', isRequired: false },
  });
const never = new AbortController().signal;
const plain = createPaint(false);

const good: Check = { name: 'good', roles: EVERYWHERE, run: async () => ok('All is well') };
const hangs: Check = {
  name: 'hangs',
  roles: EVERYWHERE,
  timeoutMs: 30,
  run: () => new Promise(() => undefined),
};
const breaks: Check = {
  name: 'breaks',
  roles: ['worker'],
  run: async () => {
    throw new Error('Cannot read', { cause: new Error('postgres://orca:s3cret@db says no') });
  },
};

test('runChecks() ends a check that hangs, and keeps one that breaks from ending the others', async () => {
  await using machine = host('all');
  const findings = await runChecks([hangs, breaks, good], machine, never);
  assert.deepEqual(
    findings.map(({ name, verdict }) => [name, verdict.kind]),
    [
      ['hangs', 'fail'],
      ['breaks', 'fail'],
      ['good', 'ok'],
    ],
  );
  const text = JSON.stringify(findings);
  assert.match(text, /no answer within 0\.03 s/);
  assert.match(text, /Cannot read: postgres:.*says no/);
  assert.ok(!text.includes('s3cret'));
});

test('runChecks() runs the checks of the role only, and ends with the signal', async () => {
  await using machine = host('orchestrator');
  const findings = await runChecks([breaks, good], machine, never);
  assert.deepEqual(
    findings.map(({ name }) => name),
    ['good'],
  );
  const stopped = AbortSignal.abort(new Error('stopped'));
  await assert.rejects(runChecks([{ ...hangs, timeoutMs: 60_000 }], machine, stopped), /stopped/);
});

test('CHECKS have names of their own, and every point of docs/security.md has one', () => {
  const names = CHECKS.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  const points = ['engine.version', 'engine.runc', 'engine.userns', 'engine.live-restore', 'engine.limits'];
  for (const name of [...points, 'engine.cgroups', 'engine.socket', 'clock.database', 'orchestrator.http'])
    assert.ok(names.includes(name), name);
});

const FINDINGS: readonly Finding[] = [
  { name: 'node', verdict: ok('Node v24'), ms: 1 },
  { name: 'engine', verdict: warn(`It is old. ${'x'.repeat(100)}`, 'sudo apt-get install docker.io'), ms: 1 },
  { name: 'database.schema', verdict: fail('It is older', 'run "npm run migrate"'), ms: 1 },
  { name: 'trial', verdict: skipped('there is no engine\u001b[31m'), ms: 1 },
];

test('renderFindings() gives each check a line that fits, and tells below in full what is to be mended', () => {
  const text = renderFindings(FINDINGS, { columns: 60, paint: plain });
  const lines = text.split('\n');
  assert.equal(lines[0], 'ok       node             Node v24');
  assert.equal(lines[2], 'fail     database.schema  It is older');
  assert.ok(lines.slice(0, 4).every((line) => line.length <= 60));
  assert.match(text, /\n\nfail {2}database\.schema\n {8}It is older\.\n {8}To mend: run "npm run migrate"\n/);
  assert.ok(text.includes('x'.repeat(100)), 'what is cut in the table stands below');
  assert.match(text, /\n\n1 ok, 1 warning, 1 failed, 1 skipped\n$/);
  assert.ok(!text.includes('\u001b'));
});

test('renderFindings() cuts nothing where there is no terminal', () => {
  const [, second] = renderFindings(FINDINGS, { columns: null, paint: plain }).split('\n');
  assert.ok(second?.endsWith('x'.repeat(100)));
});
