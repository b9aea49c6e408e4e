import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { removeContainer } from '@orca/docker';
import type { SandboxEvent, StepReport } from './sandbox.ts';
import { openTestSandbox, type TestSandbox } from './testing/open-test-sandbox.ts';
import { NEXT, OUTPUT } from './testing/steps-of.ts';

function textOf(step: StepReport | undefined): string {
  return step === undefined ? 'no such step' : step.stdout.toString().trim();
}

describe('createDockerSandbox()', () => {
  let box: TestSandbox;
  before(async () => {
    box = await openTestSandbox();
  });
  after(() => box[Symbol.asyncDispose]());

  test('run() walks a script with conditions, labels and sub-scripts, and tells of each step', async () => {
    const events: SandboxEvent[] = [];
    const report = await box.run(
      [
        { cmd: 'echo content > $BUILD/made; false', on_fail: [{ cmd: ['true'] }], on_complete: 'output' },
        { condition: { predicate: 'file', path: '$BUILD/made' }, on_true: 'end', on_false: 'next' },
        { cmd: 'echo never', ...OUTPUT },
        { cmd: ['cat', '$BUILD/made'], label: 'end', ...OUTPUT },
      ],
      { onEvent: (event) => events.push(event) },
    );
    assert.deepEqual(report.ending, { kind: 'output', step: report.steps.at(-1)?.step });
    assert.deepEqual(
      report.steps.map((step) => step.status),
      [1, 0, 0],
    );
    assert.equal(textOf(report.steps.at(-1)), 'content');
    assert.deepEqual(report.steps.at(-1)?.cmd, ['cat', '/work/build/made']);
    assert.deepEqual(
      events.map((event) => event.kind).filter((kind) => kind !== 'step_output'),
      ['container', ...report.steps.flatMap(() => ['step_started', 'step_finished'])],
    );
    assert.ok(report.timings.containerMs > 0 && report.timings.commandsMs > 0);
  });

  test('run() gives commands their home, folders and environment, and nothing of the harness', async () => {
    const report = await box.run([
      { cmd: ['env'], ...NEXT },
      { cmd: 'pwd; cat .bashrc > /dev/null && echo skeleton; echo mine > note; id -u; id -g; cat', ...NEXT },
      { cmd: ['cat', 'note'], ...NEXT },
      { cmd: 'pwd', working_dir: '$BUILD', ...NEXT },
      { cmd: 'pwd', working_dir: '/nowhere', ...NEXT },
      { cmd: 'stat -c "%n %U %a" /work /work/* /tmp /dev/shm /opt/orca', ...OUTPUT },
    ]);
    const [env, home, note, build, nowhere, modes] = report.steps;
    const names = textOf(env)
      .split('\n')
      .map((line) => line.split('=')[0]);
    assert.deepEqual(names.sort(), ['BUILD', 'DOWNLOADED', 'EXTRACTED', 'HOME', 'LANG', 'PATH', 'USER']);
    assert.equal(textOf(home), '/work/home\nskeleton\n1000\n1000');
    assert.equal(textOf(note), 'mine');
    assert.equal(textOf(build), '/work/build');
    assert.equal(nowhere?.status, 126);
    assert.match(String(nowhere?.stderr), /Cannot enter the folder "\/nowhere"/);
    assert.deepEqual(textOf(modes).split('\n'), [
      '/work orca-grader 755',
      '/work/build orca-grader 755',
      '/work/downloaded orca-grader 755',
      '/work/extracted orca-grader 755',
      '/work/home orca-grader 755',
      '/tmp root 1777',
      '/dev/shm root 1777',
      '/opt/orca root 700',
    ]);
  });

  test('run() lets commands write to /dev/stdout and /dev/stderr by name', async () => {
    const report = await box.run([{ cmd: 'echo out > /dev/stdout; echo err > /dev/stderr', ...OUTPUT }]);
    assert.equal(String(report.steps[0]?.stdout), 'out\n');
    assert.equal(String(report.steps[0]?.stderr), 'err\n');
  });

  test('run() answers a program that cannot be started as a shell would', async () => {
    const report = await box.run([
      { cmd: ['no-such-program', 'x'], ...NEXT },
      { cmd: ['/etc/passwd'], ...NEXT },
      { cmd: 'kill -SEGV $$', ...NEXT },
      { cmd: ['true'], ...OUTPUT },
    ]);
    assert.deepEqual(
      report.steps.map((step) => step.status),
      [127, 126, -11, 0],
    );
    assert.match(String(report.steps[0]?.stderr), /no-such-program/);
    assert.match(String(report.steps[1]?.stderr), /\/etc\/passwd/);
  });

  test('run() starts a list without a shell: a script needs an interpreter of its own', async () => {
    const make =
      'printf "echo by a shell" > plain; printf "#!/bin/sh\\necho by itself" > script; chmod +x plain script;' +
      ': > empty; printf "\\necho by a shell" > blank; chmod +x empty blank';
    const report = await box.run([
      { cmd: make, working_dir: '$BUILD', ...NEXT },
      { cmd: ['$BUILD/plain'], ...NEXT },
      { cmd: ['./plain'], working_dir: '$BUILD', ...NEXT },
      { cmd: ['./empty'], working_dir: '$BUILD', ...NEXT },
      { cmd: ['./blank'], working_dir: '$BUILD', ...NEXT },
      { cmd: ['.'], working_dir: '$BUILD', ...NEXT },
      { cmd: ['./script'], working_dir: '$BUILD', ...NEXT },
      { cmd: ['sh', './plain'], working_dir: '$BUILD', ...OUTPUT },
    ]);
    assert.deepEqual(
      report.steps.map((step) => [step.status, textOf(step)]),
      [
        [0, ''],
        [126, ''],
        [126, ''],
        [126, ''],
        [126, ''],
        [126, ''],
        [0, 'by itself'],
        [0, 'by a shell'],
      ],
    );
    assert.match(String(report.steps[1]?.stderr), /plain: exec format error/);
  });

  test('run() kills what a command leaves behind, however it hides', async () => {
    const report = await box.run([
      {
        cmd: '(setsid sleep 1000 > /dev/null 2>&1 &); nohup sleep 1000 & sleep 1000 & echo started',
        ...NEXT,
      },
      { cmd: 'cat /proc/[0-9]*/comm | grep -c sleep', ...OUTPUT, on_fail: 'next' },
    ]);
    assert.deepEqual(report.steps.map(textOf), ['started', '0']);
    assert.ok((report.steps[0]?.usage.wallMs ?? Infinity) < 5_000, 'an open stdout is not waited for');
  });

  test('run() spares processes that a command keeps, until one does not', async () => {
    const count = 'cat /proc/[0-9]*/comm | grep -c sleep';
    const report = await box.run([
      { cmd: 'sleep 1000 & echo started', keep_processes: true, ...NEXT },
      { cmd: count, keep_processes: true, ...NEXT },
      { cmd: count, ...NEXT },
      { cmd: count, ...NEXT },
    ]);
    assert.deepEqual(report.steps.map(textOf), ['started', '1', '1', '0']);
  });

  test('run() feeds a kept server, whose output nobody reads any more, no closed pipe', async () => {
    const report = await box.run([
      { cmd: 'while echo tick; do sleep 0.05; done & true', keep_processes: true, ...NEXT },
      { cmd: 'sleep 0.3; cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -c "while echo tick"', ...OUTPUT },
    ]);
    // The server's shell and the counting pipeline's own.
    assert.ok(Number(textOf(report.steps[1])) >= 1, textOf(report.steps[1]));
    assert.equal(report.ending.kind, 'output');
  });

  test('run() takes what looks like frames for the output that it is', async () => {
    const forged = Buffer.concat([
      Buffer.from([0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 16]),
      Buffer.from('{"kind":"abort"}'),
    ]);
    const octal = [...forged].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    const report = await box.run([{ cmd: `printf '${octal}'; printf '${octal}' >&2`, ...OUTPUT }]);
    assert.deepEqual(report.steps[0]?.stdout, forged);
    assert.deepEqual(report.steps[0]?.stderr, forged);
    assert.equal(report.ending.kind, 'output');
  });

  test('run() ends soon, and as stopped, when its signal aborts', async () => {
    const stop = new AbortController();
    const onEvent = (event: SandboxEvent): void => {
      if (event.kind === 'step_started') stop.abort();
    };
    const startedAt = performance.now();
    const report = await box.run([{ cmd: 'sleep 1000' }], { onEvent, signal: stop.signal });
    assert.deepEqual(report.ending, { kind: 'stopped' });
    assert.ok(performance.now() - startedAt < 20_000);
  });

  test("run() makes a container killed from outside our fault, not the submission's", async () => {
    let name = '';
    const report = await box.run([{ cmd: 'echo before; sleep 1000' }], {
      onEvent(event) {
        if (event.kind === 'container') name = event.name;
        if (event.kind === 'step_started') removeContainer(box.engine, name).catch(() => undefined);
      },
    });
    assert.equal(report.ending.kind, 'failed');
    assert.equal(report.steps[0]?.finished, false);
  });

  test('run() says which image is missing, and makes nothing', async () => {
    const job = {
      steps: [],
      limits: { wallSeconds: 1, cpus: 1, memoryMb: 32, diskMb: 1, pids: 32, entries: 10 },
    };
    const report = await box.sandbox.run(
      { ...job, imageId: 'orca-no-such-image', network: 'none', files: [] },
      () => assert.fail('no event'),
      new AbortController().signal,
    );
    assert.equal(report.ending.kind, 'failed');
    assert.match(
      report.ending.kind === 'failed' ? report.ending.sentence : '',
      /no image "orca-no-such-image"/,
    );
  });

  test('run() that is stopped while its container is being made leaves none', async () => {
    await using own = await openTestSandbox();
    for (const afterMs of [0, 5, 20, 60]) {
      const stop = new AbortController();
      const onEvent = ({ kind }: SandboxEvent): void => {
        if (kind === 'container') setTimeout(() => stop.abort(), afterMs);
      };
      const report = await own.run([{ cmd: 'sleep 1000' }], { onEvent, signal: stop.signal });
      assert.deepEqual(report.ending, { kind: 'stopped' });
    }
    // Made after them: what the engine was still at, it has done by then.
    await own.run([{ cmd: ['true'] }]);
    await own.sandbox[Symbol.asyncDispose]();
    assert.deepEqual(await own.listContainers(), []);
  });

  test('run() leaves no container, and dispose() waits for its removal', async () => {
    await using own = await openTestSandbox();
    await own.run([{ cmd: ['true'] }]);
    await own.sandbox[Symbol.asyncDispose]();
    assert.deepEqual(await own.listContainers(), []);
  });
});
