import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LIMITS, flattenScript, type GradingScript } from '@orca/protocol';
import { createProcessSandbox } from './process.ts';
import type { SandboxEvent, SandboxJob, SandboxReport, StepReport } from './sandbox.ts';

const NEVER = new AbortController().signal;
const PATH = '/usr/local/bin:/usr/bin:/bin';
const DEADLINE_MS = 20_000;

const jobOf = (script: GradingScript, changes: Partial<SandboxJob> = {}): SandboxJob => ({
  steps: flattenScript(script),
  imageId: '',
  limits: DEFAULT_LIMITS,
  network: 'none',
  files: [],
  ...changes,
});

/** Runs a job, and sees to it that its folder is gone afterwards. */
async function run(
  script: GradingScript,
  options: {
    changes?: Partial<SandboxJob>;
    onEvent?: (event: SandboxEvent) => void;
    signal?: AbortSignal;
  } = {},
): Promise<SandboxReport> {
  await using sandbox = await createProcessSandbox({
    production: false,
    path: PATH,
    onWarning: () => undefined,
    onLeftover: (folder, error) => assert.fail(`${folder} is left: ${error}`),
  });
  const onEvent = options.onEvent ?? (() => undefined);
  const report = await sandbox.run(jobOf(script, options.changes), onEvent, options.signal ?? NEVER);
  assert.throws(() => readdirSync(join(report.folders.build, '../..')), { code: 'ENOENT' });
  return report;
}

const textOf = (step: StepReport | undefined): string => String(step?.stdout).trim();

/** Processes that have a text among their arguments, dead ones left out. */
function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(mark);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** A time to sleep that no other process has among its arguments. */
const longTime = (): string => `1000.${randomInt(1e9)}`;

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const giveUpAt = performance.now() + DEADLINE_MS; !condition(); await sleep(20))
    if (performance.now() > giveUpAt) assert.fail(`Cannot wait any longer until ${what}`);
}

describe('createProcessSandbox()', () => {
  test('refuses production, and says what to do', async () => {
    const onWarning = (): void => assert.fail('it warns of what it does not do');
    await assert.rejects(
      createProcessSandbox({ production: true, onWarning }),
      /ENVIRONMENT is "production".*leave out --no-container and ORCA_SANDBOX=process/,
    );
  });

  test('warns once that nothing is isolated', async () => {
    const warnings: string[] = [];
    await using sandbox = await createProcessSandbox({
      production: false,
      path: PATH,
      onWarning: (sentence) => warnings.push(sentence),
    });
    for (let runs = 0; runs < 2; runs += 1)
      await sandbox.run(jobOf([{ cmd: 'true' }]), () => undefined, NEVER);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /limits of memory, disk, processes and CPU do not apply/);
  });

  test('runs a script as a container does: files, folders, edges, output', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orca-test-'));
    const path = join(folder, 'hello.txt');
    await writeFile(path, 'hello in $BUILD\n');
    const file = {
      name: 'greeting',
      fileName: 'hello.txt',
      path,
      bytes: 16,
      format: 'copy',
      replacePaths: true,
    } as const;
    const report = await run(
      [
        { cmd: 'exit 3', on_fail: [{ cmd: 'echo failed' }] },
        { condition: { predicate: 'file', path: '$EXTRACTED/greeting/hello.txt' }, on_false: 'end' },
        { cmd: ['cat', '$EXTRACTED/greeting/hello.txt'], label: 'show' },
        { cmd: 'pwd; echo oops > /dev/stderr', working_dir: '$BUILD', on_complete: 'output', label: 'end' },
      ],
      { changes: { files: [file] } },
    );
    await rm(folder, { recursive: true });
    assert.equal(report.ending.kind, 'output');
    assert.deepEqual(
      report.steps.map((step) => step.status),
      [3, 0, 0, 0],
    );
    assert.equal(textOf(report.steps[1]), 'failed');
    assert.equal(textOf(report.steps[2]), `hello in ${report.folders.build}`);
    assert.equal(textOf(report.steps[3]), report.folders.build);
    assert.equal(String(report.steps[3]?.stderr), 'oops\n');
  });

  test('gives commands nothing of its own environment, and as root another user', async () => {
    const report = await run([{ cmd: 'env | cut -d= -f1 | sort | tr "\\n" " "' }, { cmd: 'id -u; id -G' }]);
    assert.equal(textOf(report.steps[0]), 'BUILD DOWNLOADED EXTRACTED HOME LANG PATH PWD USER');
    const [uid = '', groups = ''] = textOf(report.steps[1]).split('\n');
    if (process.getuid?.() === 0) assert.deepEqual([uid, groups], ['65534', '65534']);
    else assert.equal(uid, String(process.getuid?.()));
  });

  test('kills what a command leaves behind, and nothing else', async (context) => {
    const [left, bystander] = [longTime(), longTime()];
    const other = spawn('sleep', [bystander]);
    context.after(() => other.kill());
    const alive: number[] = [];
    const report = await run([{ cmd: `sleep ${left} & echo started` }, { cmd: 'sleep 0.5' }], {
      onEvent(event) {
        if (event.kind === 'step_finished') alive.push(processesWith(`sleep\0${left}`).length);
      },
    });
    assert.equal(textOf(report.steps[0]), 'started');
    assert.deepEqual(alive, [0, 0]);
    assert.deepEqual(processesWith(`sleep\0${bystander}`), [other.pid]);
  });

  test('spares what a command keeps, until one does not', async () => {
    const kept = longTime();
    // The commands look themselves: whoever looks from outside may come when the next one has ended.
    const look = `for p in /proc/[0-9]*; do [ "$(tr '\\0' ' ' < $p/cmdline 2> /dev/null)" = "sleep ${kept} " ] && echo alive; done; true`;
    const report = await run([
      { cmd: `sleep ${kept} & true`, keep_processes: true },
      { cmd: look, keep_processes: true },
      { cmd: look },
      { cmd: look },
    ]);
    assert.deepEqual(report.steps.slice(1).map(textOf), ['alive', 'alive', '']);
  });

  test('kills the group of a command whose time is up, and names the limit', async () => {
    const mark = longTime();
    const report = await run([{ cmd: `echo before; sleep ${mark} & sleep ${mark}`, timeout: 0.5 }]);
    assert.equal(report.steps[0]?.timedOut, true);
    assert.equal(report.steps[0]?.limit?.kind, 'time');
    assert.equal(textOf(report.steps[0]), 'before');
    assert.deepEqual(processesWith(`sleep\0${mark}`), []);
  });

  test('ends a job whose time is up', async () => {
    const report = await run([{ cmd: 'sleep 60' }], {
      changes: { limits: { ...DEFAULT_LIMITS, wallSeconds: 1 } },
    });
    assert.equal(report.ending.kind, 'limit');
  });

  test('ends as stopped when its signal aborts, and leaves nothing', async () => {
    const mark = longTime();
    const stop = new AbortController();
    const report = await run([{ cmd: `sleep ${mark}` }], {
      signal: stop.signal,
      onEvent(event) {
        if (event.kind === 'step_started') stop.abort();
      },
    });
    assert.deepEqual(report.ending, { kind: 'stopped' });
    assert.deepEqual(processesWith(`sleep\0${mark}`), []);
  });

  test('removes folders that a command has closed', async () => {
    const closing = 'mkdir -p a/b && touch a/b/c && chmod 000 a/b a && chmod 500 .';
    const report = await run([{ cmd: closing, working_dir: '$BUILD', on_complete: 'output' }]);
    assert.equal(report.ending.kind, 'output');
  });

  test('leaves neither process nor folder when whoever runs it is killed', async () => {
    const mark = longTime();
    const program = `
      import { createProcessSandbox } from ${JSON.stringify(import.meta.resolve('./process.ts'))};
      const sandbox = await createProcessSandbox({ production: false, path: ${JSON.stringify(PATH)}, onWarning() {} });
      await sandbox.run(${JSON.stringify(jobOf([{ cmd: `pwd > $BUILD/../where; sleep ${mark}` }]))},
        () => console.log('running'), new AbortController().signal);`;
    const runner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(runner.stdout, 'data');
    await until(() => processesWith(`sleep\0${mark}`).length === 1, 'the command runs');
    const [command = 0] = processesWith(`sleep\0${mark}`);
    const environment = readFileSync(`/proc/${command}/environ`, 'utf8');
    const build = /(?:^|\0)BUILD=([^\0]*)/.exec(environment)?.[1] ?? '';
    assert.ok(readdirSync(join(build, '..')).includes('where'));
    runner.kill('SIGKILL');
    await until(() => processesWith(`sleep\0${mark}`).length === 0, 'the command is killed');
    const folder = basename(join(build, '../..'));
    await until(() => !readdirSync(tmpdir()).includes(folder), 'the folder is gone');
  });
});
