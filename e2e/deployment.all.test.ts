import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { MACHINES, ROOT } from './deployment/machines.ts';
import { startEnvironment } from './kit/start-process.ts';

/** What the test needs beside what Orca needs, and the packages of Debian that have it. */
const PROGRAMS = { ip: 'iproute2', git: 'git', curl: 'curl', openssl: 'openssl' } as const;
const DEADLINE_MS = 1_200_000;
const OTHERS_MAY_ENTER = 0o755;
/** The versions that the guide installs and upgrades to. */
const VERSIONS = ['v0.1.0', 'v0.2.0'];

const canUnshare = spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true']).status === 0;
const skip = canUnshare
  ? false
  : 'only root with namespaces of its own can play several machines: DEPLOYMENT.md was NOT followed';

/** A repository with this checkout as it is now, which the guide clones. */
function packRepository(folder: string): void {
  const asWho = ['-c', 'user.name=Orca', '-c', 'user.email=orca@example.edu'];
  const env = { ...startEnvironment({}), GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (...args: string[]) =>
    execFileSync('git', [`--git-dir=${folder}`, ...args], { env, cwd: ROOT, stdio: 'pipe' });
  git('init', '--quiet', '--bare');
  git('--work-tree=.', 'add', '--all');
  git(...asWho, '--work-tree=.', 'commit', '--quiet', '--message', 'as it is now');
  for (const version of VERSIONS) git('tag', version);
}

function installMissing(): void {
  const missing = Object.entries(PROGRAMS).filter(
    ([name]) => spawnSync(name, ['--help']).error !== undefined,
  );
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], { stdio: 'pipe' });
}

/** What the programs on the machines wrote, for whoever has to find out why it failed. */
async function logsIn(base: string): Promise<string> {
  const logs = Object.keys(MACHINES).map(async (machine) => {
    const folder = join(base, machine, 'log');
    const files = await readdir(folder).catch(() => []);
    const texts = files.map(async (file) => {
      const lines = (await readFile(join(folder, file), 'utf8')).split('\n').slice(-30);
      return `--- ${machine} ${file}\n${lines.join('\n')}`;
    });
    return (await Promise.all(texts)).join('\n');
  });
  return (await Promise.all(logs)).join('\n');
}

test('whoever follows DEPLOYMENT.md has two workers on machines of their own, with engines of their own, that grade for a key, and takes one down and up without a lost job', {
  skip,
  timeout: DEADLINE_MS,
}, async () => {
  installMissing();
  const base = await mkdtemp(join(tmpdir(), 'orca-machines-'));
  try {
    await chmod(base, OTHERS_MAY_ENTER);
    packRepository(join(base, 'orca.git'));
    const hosts = Object.values(MACHINES).flatMap(({ address, host }) => [address, host]);
    const become = join(ROOT, 'e2e/deployment/stand-ins/become-world');
    const namespaces = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const child = spawn('unshare', [...namespaces, become, ROOT, process.execPath, ...hosts], {
      env: startEnvironment({ MACHINES: base }),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
    });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    assert.equal(status, 0, `${stdout}\n${stderr}\n${status === 0 ? '' : await logsIn(base)}`);
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});
