import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const RULES = fileURLToPath(new URL('../deploy/prometheus/', import.meta.url));

/** Prometheus' own checker, out of Debian's package: installing that would start a service. */
async function unpackPromtool(folder: string): Promise<string> {
  // As root, apt would drop to a user that may not write there.
  await run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', 'prometheus'], { cwd: folder });
  const [archive = ''] = await readdir(folder);
  await run('dpkg-deb', ['-x', archive, '.'], { cwd: folder });
  return join(folder, 'usr/bin/promtool');
}

test('Prometheus takes the alert rules and the scrape configuration in deploy/, and the rules say what they are to', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-promtool-'));
  t.after(() => rm(folder, { recursive: true }));
  const promtool = await unpackPromtool(folder);
  const rules = await run(promtool, ['check', 'rules', join(RULES, 'alerts.yml')]);
  assert.match(rules.stdout, /SUCCESS: 15 rules found/);
  const cases = await run(promtool, ['test', 'rules', join(RULES, 'alerts.test.yml')]);
  assert.match(cases.stdout, /SUCCESS/);
  const config = await run(promtool, ['check', 'config', join(RULES, 'scrape.yml')]);
  assert.match(config.stdout, /SUCCESS: .*scrape\.yml is valid/);
});
