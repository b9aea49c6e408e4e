import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { REPOSITORY } from './repository.ts';

/** A checkout that holds little but the script, in a folder with blanks, and programs that only pretend. */
interface FakeCheckout {
  readonly root: string;
  /** Where the pretenders are: the whole `PATH` of a call. */
  readonly programs: string;
  call(options?: { args?: string[]; script?: string; cwd?: string }): {
    status: number | null;
    stdout: string;
    stderr: string;
  };
  /** How often npm was called, with what. */
  npmCalls(): string[];
}

/** What a system has anyway. */
const SYSTEM = [
  'sh',
  'cat',
  'cmp',
  'cp',
  'dirname',
  'readlink',
  'find',
  'mktemp',
  'rm',
  'mkdir',
  'touch',
  'chmod',
  'flock',
  'sleep',
];

/** As npm does it: the packages first, the list of them last. The Node that it installs can compare, nothing else. */
const NPM = `#!/bin/sh
echo "$PWD $*" >> "$NPM_LOG"
mkdir -p node_modules/node/bin
cat > node_modules/node/bin/node <<'END'
#!/bin/sh
[ "$1" != -e ] || exec "$REAL_NODE" "$@"
printf "%s\\n" "$@"
END
chmod +x node_modules/node/bin/node
sleep 0.2
cp package-lock.json node_modules/.package-lock.json
echo 'added packages'
`;

/** A copy of the lock that was compared last. */
const MARK = 'node_modules/.orca-package-lock.json';

/** What compares the lock with the installation. */
const COMPARE = 'cli/set-up/is-installed.ts';

function lockOf(version: string): string {
  return JSON.stringify({ packages: { 'node_modules/a': { version } } });
}

function program(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

function makeCheckout(t: TestContext, given: { node?: string; npm?: string | null } = {}): FakeCheckout {
  const base = mkdtempSync(join(tmpdir(), 'orca-script-'));
  t.after(() => rmSync(base, { recursive: true }));
  const root = join(base, 'a check out');
  const programs = join(base, 'bin');
  for (const folder of [root, programs]) mkdirSync(folder);
  copyFileSync(join(REPOSITORY.root, 'orca'), join(root, 'orca'));
  writeFileSync(join(root, 'package-lock.json'), lockOf('1.0.0'));
  mkdirSync(join(root, 'cli/set-up'), { recursive: true });
  copyFileSync(join(REPOSITORY.root, COMPARE), join(root, COMPARE));
  for (const name of SYSTEM) {
    const place = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
    assert.ok(place, `this machine has ${name}`);
    symlinkSync(place, join(programs, name));
  }
  if (given.node !== '') program(join(programs, 'node'), `#!/bin/sh\necho ${given.node ?? '20.1.0'}\n`);
  if (given.npm !== null) program(join(programs, 'npm'), given.npm ?? NPM);
  const log = join(base, 'npm.log');
  const env = { PATH: programs, NPM_LOG: log, TMPDIR: base, REAL_NODE: process.execPath };
  return {
    root,
    programs,
    call: ({ args = [], script = join(root, 'orca'), cwd = base } = {}) =>
      spawnSync(script, args, { cwd, env, encoding: 'utf8' }),
    npmCalls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  };
}

test('orca installs what package-lock.json names, once, and runs cli/ with the project’s own Node', (t) => {
  const checkout = makeCheckout(t);
  const first = checkout.call({ args: ['up', '--data', 'a b', '$x'] });
  const main = join(checkout.root, 'cli/main.ts');
  assert.deepEqual([first.status, first.stdout], [0, `${main}\nup\n--data\na b\n$x\n`]);
  assert.equal(first.stderr, 'orca: installing the npm packages that package-lock.json names\n');
  assert.deepEqual(checkout.npmCalls(), [`${checkout.root} ci --include=dev`]);
  const second = checkout.call();
  assert.deepEqual([second.status, second.stdout, second.stderr], [0, `${main}\n`, '']);
  assert.equal(checkout.npmCalls().length, 1);
});

for (const [what, time] of [
  ['newer', Date.now() + 60_000],
  ['older, as an archive has it', 0],
] as const)
  test(`orca installs again when package-lock.json names something else, also when it is ${what}`, (t) => {
    const checkout = makeCheckout(t);
    checkout.call();
    const lock = join(checkout.root, 'package-lock.json');
    writeFileSync(lock, lockOf('2.0.0'));
    utimesSync(lock, new Date(time), new Date(time));
    checkout.call();
    assert.equal(checkout.npmCalls().length, 2);
    checkout.call();
    assert.equal(checkout.npmCalls().length, 2);
  });

for (const [what, file, isMarked] of [
  ['package-lock.json is newer', 'package-lock.json', true],
  ['npm wrote its list last', 'node_modules/.package-lock.json', true],
  ['npm ci was called by hand', 'package-lock.json', false],
] as const)
  test(`orca deletes no installation that is the same: ${what}, as in a copy whose times are lost`, (t) => {
    const checkout = makeCheckout(t);
    checkout.call();
    const soon = new Date(Date.now() + 60_000);
    utimesSync(join(checkout.root, file), soon, soon);
    if (!isMarked) rmSync(join(checkout.root, MARK), { force: true });
    const { status, stderr } = checkout.call();
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(checkout.npmCalls().length, 1);
  });

test('orca sees that npm has installed something else since it compared', (t) => {
  const checkout = makeCheckout(t);
  checkout.call();
  writeFileSync(join(checkout.root, 'node_modules/.package-lock.json'), lockOf('0.9.0'));
  const soon = new Date(Date.now() + 60_000);
  utimesSync(join(checkout.root, 'node_modules/.package-lock.json'), soon, soon);
  checkout.call();
  assert.equal(checkout.npmCalls().length, 2);
});

test('orca finds its checkout through symbolic links, relative ones too, from anywhere', (t) => {
  const checkout = makeCheckout(t);
  const links = join(dirname(checkout.root), 'links');
  mkdirSync(links);
  symlinkSync('../a check out/orca', join(links, 'relative'));
  symlinkSync(join(links, 'relative'), join(links, 'twice'));
  const { status, stdout } = checkout.call({ script: join(links, 'twice'), cwd: '/' });
  assert.deepEqual([status, stdout], [0, `${join(checkout.root, 'cli/main.ts')}\n`]);
});

test('orca lets two calls at once install once', (t) => {
  const checkout = makeCheckout(t);
  const both = join(checkout.programs, 'both');
  program(both, `#!/bin/sh\n"$1" & "$1" & wait\n`);
  const { stdout } = checkout.call({ script: both, args: [join(checkout.root, 'orca')] });
  const main = join(checkout.root, 'cli/main.ts');
  assert.equal(stdout, `${main}\n${main}\n`);
  assert.equal(checkout.npmCalls().length, 1);
});

for (const [what, given, says] of [
  ['there is no node', { node: '' }, /Cannot start: there is no node here\. Install Node 20 or newer/],
  ['there is no npm', { npm: null }, /Cannot start: there is no npm here\. Install it/],
  ['node is too old', { node: '18.19.0' }, /Cannot start with Node 18\.19\.0: install Node 20 or newer/],
  ['node does not work', { node: '1>&2; exit 1' }, /Cannot start with Node 0: install Node 20 or newer/],
] as const)
  test(`orca says what to install when ${what}, and installs nothing`, (t) => {
    const checkout = makeCheckout(t, given);
    const { status, stdout, stderr } = checkout.call();
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, says);
    assert.deepEqual(checkout.npmCalls(), []);
  });

test('orca needs neither node nor npm of the machine where all is installed', (t) => {
  const checkout = makeCheckout(t);
  checkout.call();
  for (const name of ['node', 'npm']) rmSync(join(checkout.programs, name));
  const { status, stdout, stderr } = checkout.call();
  assert.deepEqual([status, stdout, stderr], [0, `${join(checkout.root, 'cli/main.ts')}\n`, '']);
});

test('orca shows what npm said when it fails, and tries again the next time', (t) => {
  const failing = '#!/bin/sh\necho "$PWD $*" >> "$NPM_LOG"\necho "npm error network"\nexit 7\n';
  const checkout = makeCheckout(t, { npm: failing });
  for (const calls of [1, 2]) {
    const { status, stderr } = checkout.call();
    assert.equal(status, 1);
    assert.match(
      stderr,
      /npm error network\norca: Cannot install the npm packages: npm ci failed, as shown above\n$/,
    );
    assert.equal(checkout.npmCalls().length, calls);
  }
});

test('orca says what is wrong when npm runs no scripts, so that the node package has no program', (t) => {
  const npm = '#!/bin/sh\nmkdir -p node_modules\ntouch node_modules/.package-lock.json\n';
  const { status, stderr } = makeCheckout(t, { npm }).call();
  assert.equal(status, 1);
  assert.match(stderr, /ignore-scripts/);
});

test('orca is at most a page and ends in exec, so that signals reach the program', () => {
  const lines = readFileSync(join(REPOSITORY.root, 'orca'), 'utf8').trimEnd().split('\n');
  assert.ok(lines.length <= 75, `${lines.length} lines`);
  assert.match(lines.at(-1) ?? '', /^exec "\$node" /);
});
