import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { signWebhook } from './sign-webhook.ts';

const GUIDE = readFileSync(new URL('../docs/guides/verify-signatures.md', import.meta.url), 'utf8');
const DEADLINE_MS = 30_000;

/** The code of the guide in a language: its one block. */
function blockOf(language: string): string {
  const blocks = [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))];
  assert.equal(blocks.length, 1, language);
  return blocks[0]?.[1] ?? '';
}

type Case = {
  title: string;
  genuine: boolean;
  secret: string;
  headers: Record<string, string>;
  /** In base64: what is checked are bytes. */
  body: string;
  now: number;
};

const VECTOR = JSON.parse(blockOf('json'));
const NOW = Number(VECTOR.headers['webhook-timestamp']);
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** What a verifier has to tell apart, made by the function that signs what Orca sends. */
function makeCases(): Case[] {
  const text = '{"output":"naïve ✓ 😀","lines":"a\\r\\nb"}';
  const signed = (secrets: string[], at = NOW) => ({
    secret: VECTOR.secret,
    headers: signWebhook({ id: 'msg_1', timestampSeconds: at, body: text, secrets }),
    body: Buffer.from(text).toString('base64'),
    now: NOW,
  });
  const good = signed([VECTOR.secret]);
  const changed = (name: string, value: string) => ({ ...good, headers: { ...good.headers, [name]: value } });
  const { 'webhook-signature': _, ...unsigned } = good.headers;
  const signature = good.headers['webhook-signature'] ?? '';
  const vector = { ...VECTOR, body: Buffer.from(VECTOR.body).toString('base64'), now: NOW };
  return [
    { title: 'the vector of Standard Webhooks', genuine: true, ...vector },
    { title: 'what Orca sends', genuine: true, ...good },
    { title: 'signed with the new secret, too', genuine: true, ...signed([OTHER_SECRET, VECTOR.secret]) },
    { title: 'signed with the former secret, too', genuine: true, ...signed([VECTOR.secret, OTHER_SECRET]) },
    { title: 'five minutes old', genuine: true, ...signed([VECTOR.secret], NOW - 300) },
    { title: 'older', genuine: false, ...signed([VECTOR.secret], NOW - 301) },
    { title: 'from the future', genuine: false, ...signed([VECTOR.secret], NOW + 301) },
    { title: 'of another secret', genuine: false, ...signed([OTHER_SECRET]) },
    { title: 'another body', genuine: false, ...good, body: Buffer.from(`${text} `).toString('base64') },
    { title: 'another id', genuine: false, ...changed('webhook-id', 'msg_2') },
    { title: 'another time', genuine: false, ...changed('webhook-timestamp', String(NOW + 1)) },
    { title: 'no time', genuine: false, ...changed('webhook-timestamp', 'now') },
    {
      title: 'another version',
      genuine: false,
      ...changed('webhook-signature', signature.replace('v1', 'v2')),
    },
    { title: 'no version', genuine: false, ...changed('webhook-signature', signature.slice(3)) },
    { title: 'half a signature', genuine: false, ...changed('webhook-signature', signature.slice(0, 20)) },
    { title: 'strange signatures', genuine: false, ...changed('webhook-signature', 'v1 , v1, é,v1') },
    { title: 'no signature', genuine: false, ...good, headers: unsigned },
    { title: 'no headers', genuine: false, ...good, headers: {} },
  ];
}

const LANGUAGES = [
  {
    name: 'JavaScript',
    block: 'js',
    file: 'verify.mjs',
    program: process.execPath,
    main: `import { readFileSync } from 'node:fs';
const cases = JSON.parse(readFileSync(0, 'utf8'));
const judge = (one) => isGenuine(one.secret, one.headers, Buffer.from(one.body, 'base64'), one.now);
console.log(JSON.stringify(cases.map(judge)));`,
  },
  {
    name: 'Python',
    block: 'python',
    file: 'verify.py',
    program: 'python3',
    main: `import json, sys
cases = json.load(sys.stdin)
print(json.dumps([is_genuine(c["secret"], c["headers"], base64.b64decode(c["body"]), c["now"]) for c in cases]))`,
  },
  {
    name: 'Ruby',
    block: 'ruby',
    file: 'verify.rb',
    program: 'ruby',
    main: `require 'json'
cases = JSON.parse($stdin.read)
puts JSON.generate(cases.map { |c| genuine?(c['secret'], c['headers'], c['body'].unpack1('m'), c['now']) })`,
  },
] as const;

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'orca-verify-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

for (const { name, block, file, program, main } of LANGUAGES) {
  const isInstalled = spawnSync(program, ['--version'], { timeout: DEADLINE_MS }).status === 0;
  const skip = isInstalled
    ? false
    : `there is no ${program} on this machine: the guide's ${name} was NOT tried`;
  test(`the verifier of the guide in ${name} knows what Orca sends from anything else`, { skip }, (t) => {
    const script = join(makeFolder(t), file);
    writeFileSync(script, `${blockOf(block)}\n${main}\n`);
    const cases = makeCases();
    const { status, stdout, stderr } = spawnSync(program, [script], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
      timeout: DEADLINE_MS,
    });
    assert.equal(status, 0, stderr);
    const answers: unknown = JSON.parse(stdout);
    assert.ok(Array.isArray(answers) && answers.length === cases.length);
    for (const [index, { title, genuine }] of cases.entries()) assert.equal(answers[index], genuine, title);
  });
}
