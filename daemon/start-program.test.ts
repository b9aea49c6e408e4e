import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';

const START_PROGRAM = join(import.meta.dirname, 'start-program.sh');
const OWNER_ONLY = 0o700;
const GROUP_WRITES = 0o770;
const ALL_WRITE = 0o777;
const NOBODY = 65_534;
const FLAGS = ['--max-semi-space-size=1', '--heap-growing-percent=30', '--no-node-snapshot'];

/** Notes its arguments, and says how it was started. */
const PROGRAM = `
  import { appendFileSync } from 'node:fs';
  import { getCompileCacheDir } from 'node:module';
  const note = (name, words) => appendFileSync(new URL(name, import.meta.url), words.join(' ') + '\\n');
  note('./calls', process.argv.slice(2));
  note('./flags', process.execArgv);
  if (process.argv.includes('--load-only') && process.env['FAILS'] !== undefined) process.exit(1);
  console.log(JSON.stringify({ pid: process.pid, args: process.execArgv, cache: getCompileCacheDir() ?? null }));`;

interface Start {
  readonly pid: number;
  readonly args: string[];
  readonly cache: string | null;
}

interface Place {
  readonly folder: string;
  /** Starts the program, in a given environment. */
  start(env: Record<string, string>, ...args: string[]): Promise<Start & { readonly spawned: number }>;
  /** How it has been called so far. */
  calls(): Promise<string[]>;
  /** Node's own arguments of each of these calls. */
  flags(): Promise<string[]>;
}

async function makePlace(t: TestContext): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-start-program-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'main.ts'), PROGRAM);
  const linesOf = async (name: string): Promise<string[]> =>
    (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1);
  return {
    folder,
    async start(env, ...args) {
      const running = promisify(execFile)(START_PROGRAM, ['main.ts', ...args], { cwd: folder, env });
      const { stdout } = await running;
      return { ...JSON.parse(stdout), spawned: running.child.pid };
    },
    calls: () => linesOf('calls'),
    flags: () => linesOf('flags'),
  };
}

test('start-program.sh becomes the program, with the flags that keep it small', async (t) => {
  const { start, calls } = await makePlace(t);
  const { pid, spawned, args, cache } = await start({}, 'server', '--help');
  assert.equal(pid, spawned);
  assert.deepEqual(args, FLAGS);
  assert.equal(cache, null, 'without a home there is no place for it');
  assert.deepEqual(await calls(), ['server --help']);
});

test('start-program.sh has the code compiled by another process first, once', async (t) => {
  const { folder, start, calls } = await makePlace(t);
  const env = { CACHE_DIRECTORY: join(folder, 'cache') };
  const { cache } = await start(env);
  assert.ok(cache?.startsWith(join(folder, 'cache', 'code', '/')), String(cache));
  assert.equal((await stat(join(folder, 'cache', 'code'))).mode & ALL_WRITE, OWNER_ONLY);
  await start(env);
  assert.deepEqual(await calls(), ['--load-only', '', '']);
  await start(env, 'keys', 'create');
  assert.deepEqual((await calls()).slice(3), ['keys create'], 'what is no daemon is only started');
});

test('start-program.sh has the code compiled with the flags that it is run with, or V8 would not take it', async (t) => {
  const { folder, start, flags } = await makePlace(t);
  await start({ HOME: folder });
  assert.deepEqual(await flags(), [FLAGS.join(' '), FLAGS.join(' ')]);
});

test('start-program.sh starts a program whose code could not be compiled first', async (t) => {
  const { folder, start, calls } = await makePlace(t);
  await start({ HOME: folder, FAILS: 'yes' });
  await start({ HOME: folder, FAILS: 'yes' });
  assert.deepEqual(await calls(), ['--load-only', '', '--load-only', '']);
});

test('start-program.sh keeps no code where somebody else could write, or it cannot', async (t) => {
  const { folder, start, calls } = await makePlace(t);
  const make = async (name: string, mode: number): Promise<string> => {
    await mkdir(join(folder, name));
    await chmod(join(folder, name), mode);
    return join(folder, name);
  };
  const own = await make('own', OWNER_ONLY);
  assert.ok((await start({ NODE_COMPILE_CACHE: own })).cache);
  await symlink(own, join(folder, 'link'));
  await writeFile(join(folder, 'file'), '');
  const refused = [
    await make('group', GROUP_WRITES),
    await make('all', ALL_WRITE),
    join(await make('in-all', ALL_WRITE), 'own'),
    join(folder, 'link'),
    join(folder, 'file'),
    '/proc/nowhere',
  ];
  if (process.getuid?.() === 0) {
    const foreign = await make('foreign', OWNER_ONLY);
    await chown(foreign, NOBODY, NOBODY);
    refused.push(foreign, join(foreign, 'own'));
  }
  const before = (await calls()).length;
  for (const place of refused) assert.equal((await start({ NODE_COMPILE_CACHE: place })).cache, null, place);
  assert.equal((await calls()).length, before + refused.length, 'nothing was compiled for them');
});
