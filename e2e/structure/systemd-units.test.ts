import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SETTINGS_PAGE } from './settings-reference.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const UNITS = join(ROOT, 'deploy/systemd');
/** Where the guide puts the checkout. */
const INSTALLED = '/opt/orca/';
/** How every program is started. */
const START_PROGRAM = 'daemon/start-program.sh';
/** After its grace a worker hands its jobs back, and lets go of the database: worker/work.ts. */
const HAND_BACK_SECONDS = 25;
/** systemd calls 0 safe and 10 unsafe. */
const EXPOSURE_MAX = 2.5;

/** The programs that the units start, as the page of settings calls them. */
const PROGRAMS = {
  'orca-server.service': 'orca-server',
  'orca-image-builder.service': 'orca-image-builder',
  'orca-worker.service': 'orca-worker',
} as const;

const valuesOf = (unit: string, name: string): string[] =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

/** The settings of a program, with their defaults, from their page, which another test compares with the programs. */
async function settingsOf(program: string): Promise<Map<string, string>> {
  const page = (await readFile(SETTINGS_PAGE, 'utf8'))
    .split(/^## /m)
    .find((part) => part.startsWith(`${program}\n`));
  const rows = [...(page ?? '').matchAll(/^\| `([A-Z_]+)` +\|[^|]*\| +([^|]*?) +\|/gm)];
  assert.ok(rows.length > 0, `the settings of ${program} have been read`);
  return new Map(rows.map(([, name = '', value = '']) => [name, value]));
}

/** The variables that the guide writes into a file of settings. */
async function variablesIn(file: string): Promise<string[]> {
  const guide = await readFile(join(ROOT, 'DEPLOYMENT.md'), 'utf8');
  const text = new RegExp(`cat > ${file}\\).*\n([\\s\\S]*?)^END$`, 'm').exec(guide)?.[1];
  assert.ok(text !== undefined, `the guide writes ${file}`);
  return [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name);
}

test('each unit starts a program that is there, with settings that it knows, and waits for its end', async () => {
  assert.deepEqual((await readdir(UNITS)).sort(), Object.keys(PROGRAMS).sort());
  for (const [file, program] of Object.entries(PROGRAMS)) {
    const unit = await readFile(join(UNITS, file), 'utf8');
    const [command = ''] = valuesOf(unit, 'ExecStart');
    const [folder = ''] = valuesOf(unit, 'WorkingDirectory');
    const [start = '', main = '', ...args] = command.split(' ');
    assert.equal(start, `${INSTALLED}${START_PROGRAM}`);
    const here = join(ROOT, folder.slice(INSTALLED.length), main);
    const { stdout } = await promisify(execFile)(process.execPath, [here, ...args, '--help']);
    assert.match(stdout, new RegExp(`\\b${program}\\b`), `${file} starts ${program}`);

    const settings = await settingsOf(program);
    const [envFile = ''] = valuesOf(unit, 'EnvironmentFile');
    const own = valuesOf(unit, 'Environment').map((text) => text.split('=', 1)[0] ?? '');
    // Server and builder share a file; what only the other knows does no harm.
    const known = envFile.includes('server') ? await settingsOf('orca-server') : settings;
    for (const name of await variablesIn(envFile)) assert.ok(known.has(name), `${name} in ${envFile}`);
    for (const name of own) assert.ok(settings.has(name), `${name} in ${file}`);

    const grace = Number(settings.get('ORCA_SHUTDOWN_GRACE_SECONDS') ?? 0);
    const patience = Number(valuesOf(unit, 'TimeoutStopSec')[0]);
    assert.ok(patience >= grace + HAND_BACK_SECONDS, `${file} waits for the end of ${program}`);
    assert.deepEqual(valuesOf(unit, 'KillMode'), ['mixed'], 'only the program itself is told to stop');
    assert.deepEqual(valuesOf(unit, 'Restart'), ['always']);
  }
});

test('only the units that need the engine get at it, and what they write to is theirs', async () => {
  const read = (file: keyof typeof PROGRAMS) => readFile(join(UNITS, file), 'utf8');
  const server = await read('orca-server.service');
  const builder = await read('orca-image-builder.service');
  const worker = await read('orca-worker.service');
  assert.deepEqual(valuesOf(server, 'SupplementaryGroups'), []);
  for (const unit of [builder, worker]) assert.deepEqual(valuesOf(unit, 'SupplementaryGroups'), ['docker']);
  assert.equal(new Set([server, builder, worker].map((unit) => valuesOf(unit, 'User')[0])).size, 3);
  for (const unit of [server, builder, worker]) {
    assert.deepEqual(valuesOf(unit, 'ProtectSystem'), ['strict']);
    assert.deepEqual(valuesOf(unit, 'MemoryDenyWriteExecute'), [], 'who runs JavaScript compiles it');
  }
  const caches = [server, builder, worker].map((unit) => valuesOf(unit, 'CacheDirectory')[0]);
  assert.equal(new Set(caches).size, 3, 'compiled code is run: nobody writes that of another');
  for (const unit of [server, builder, worker])
    assert.deepEqual(valuesOf(unit, 'CacheDirectoryMode'), ['0700']);
  const imageFolder = (await settingsOf('orca-image-builder')).get('ORCA_IMAGE_FOLDER');
  assert.equal(`/var/lib/${valuesOf(builder, 'StateDirectory')[0]}`, imageFolder);
  assert.equal(
    `ORCA_WORKER_FOLDER=/var/lib/${valuesOf(worker, 'StateDirectory')[0]}`,
    valuesOf(worker, 'Environment')[0],
  );
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test('systemd finds no fault with the units and little to attack', {
  skip: hasSystemd ? false : 'there is no systemd-analyze here: systemd did NOT check the units',
}, async () => {
  const root = await mkdtemp(join(tmpdir(), 'orca-units-'));
  try {
    for (const file of await readdir(UNITS)) {
      // The programs do not stand in /opt here: systemd is shown a unit whose program exists.
      const unit = (await readFile(join(UNITS, file), 'utf8')).replaceAll(INSTALLED, `${root}/`);
      const program = join(root, START_PROGRAM);
      await mkdir(dirname(program), { recursive: true });
      await writeFile(program, '#!/bin/sh\n');
      await chmod(program, 0o755);
      await access(program);
      const path = join(root, file);
      await writeFile(path, unit);
      const verified = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
      const about = verified.stderr.split('\n').filter((line) => line.includes(file));
      assert.deepEqual(about, [], file);
      const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', path], {
        encoding: 'utf8',
      });
      const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
      // Before systemd 250 nothing can be said of a unit that is not loaded.
      if (!Number.isNaN(exposure)) assert.ok(exposure <= EXPOSURE_MAX, `${file}: ${exposure}`);
    }
  } finally {
    await rm(root, { recursive: true });
  }
});
