import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './logger.ts';
import { redactSecrets, redactText } from './redact-secrets.ts';

const SECRET = 'hunter2';

/** Writes one line with a logger and returns it. */
function logged(write: (log: ReturnType<typeof createLogger>) => void, pretty = false): string {
  const lines: string[] = [];
  write(createLogger({ name: 'test', level: 'info', pretty }, { write: (line) => lines.push(line) }));
  return lines.join('');
}

test('redactText() takes out signing secrets, passwords and queries, and leaves the rest of a URL', () => {
  assert.equal(redactText('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'), 'whsec_[redacted]');
  assert.equal(redactText('at postgres://orca:pw@db/orca'), 'at postgres://[redacted]@db/orca');
  assert.equal(
    redactText('GET https://a.edu/f.zip?sig=1&x=2 failed'),
    'GET https://a.edu/f.zip?[redacted] failed',
  );
  assert.equal(redactText('mail to a@b.edu, is it?'), 'mail to a@b.edu, is it?');
});

test('redactText() escapes what moves a cursor, and keeps lines', () => {
  assert.equal(redactText('a\u001b[2Jb\u202ec\r\nd'), 'a\\u001b[2Jb\\u202ec\\u000d\nd');
});

test('redactText() is quick on a long hostile text', () => {
  const before = process.cpuUsage();
  const text = redactText(`${'a'.repeat(50)}://${'b?'.repeat(500_000)}`);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 500_000, `${user + system} microseconds of processor time`);
  assert.ok(text.length < 5_000);
});

test('redactSecrets() hides secret headers at any depth, whatever their case', () => {
  const fields = {
    request: { headers: { 'X-API-Key': SECRET, Authorization: SECRET, cookie: [SECRET], host: 'a' } },
  };
  assert.deepEqual(redactSecrets(fields), {
    request: {
      headers: { 'X-API-Key': '[redacted]', Authorization: '[redacted]', cookie: '[redacted]', host: 'a' },
    },
  });
});

test('redactSecrets() leaves out where PostgreSQL repeats a row', () => {
  const refused = Object.assign(new Error('violates check constraint "jobs_check"'), {
    ...{ code: '23514', constraint: 'jobs_check', table: 'jobs' },
    client: { processID: 677, ssl: { key: SECRET } },
    ...{ detail: `Failing row contains (1, ${SECRET})`, where: SECRET, internalQuery: SECRET },
  });
  const shown = JSON.stringify(redactSecrets({ err: new Error('Cannot run "x"', { cause: refused }) }));
  assert.ok(!shown.includes(SECRET), shown);
  assert.match(shown, /"code":"23514","constraint":"jobs_check"/);
});

test('redactSecrets() survives a circle', () => {
  const circle: Record<string, unknown> = { name: 'round' };
  circle['self'] = circle;
  assert.match(JSON.stringify(redactSecrets(circle)), /nested too deeply/);
});

for (const pretty of [false, true]) {
  test(`createLogger() lets no secret out by fields, messages, errors or children (pretty: ${pretty})`, () => {
    const cause = new Error(`connect postgres://orca:${SECRET}@db/orca`);
    const text = logged((log) => {
      log.info({ headers: { 'x-api-key': SECRET }, url: `https://h/f?t=${SECRET}` }, 'fields');
      log.warn({ err: new Error(`https://h/f?t=${SECRET}`, { cause }) }, 'error as a field');
      log.error(new Error(`https://h/f?t=${SECRET}`));
      log.error(`whsec_${SECRET}`);
      log.child({ authorization: SECRET, jobId: 17 }).info('child');
    }, pretty);
    assert.ok(!text.includes(SECRET), text);
    assert.match(text, /fields[\s\S]*error as a field[\s\S]*child/);
    assert.match(text, /jobId[\s\S]{0,20}17/);
    assert.match(text, /postgres:\/\/\[redacted\]@db\/orca/);
  });
}

test('createLogger() writes JSON lines with level words, times and the fields', () => {
  const line = JSON.parse(logged((log) => log.info({ jobId: 17 }, 'job graded')));
  assert.equal(line.level, 'info');
  assert.equal(line.name, 'test');
  assert.equal(line.jobId, 17);
  assert.equal(line.msg, 'job graded');
  assert.ok(Math.abs(Date.parse(line.time) - Date.now()) < 60_000);
});
