import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDockerfile } from './check-dockerfile.ts';

const BASE = 'FROM orca-grader-base\n';
const errorsOf = (contents: string): string[] => checkDockerfile(contents, { allowRemoteAdd: false }).errors;
const GROWS = 'must not make more than 256 KiB of the variables up to here';

test('checkDockerfile() lets variables grow as in honest Dockerfiles', () => {
  const path = Array.from({ length: 100 }, (_, n) => `ENV PATH=/opt/tool-${n}/bin:$PATH\n`).join('');
  assert.deepEqual(errorsOf(`ARG V=1\n${BASE}ARG V\n${path}LABEL v=$V\nWORKDIR \${HOME:-/x}\n`), []);
  assert.deepEqual(
    errorsOf(`${BASE}RUN ${'A=$A$A; '.repeat(4_000)}\n`),
    [],
    'the shell has limits of its own',
  );
});

test('checkDockerfile() refuses variables that double each other, with the line (D14)', () => {
  const double = 'ENV A=$A$A\n'.repeat(30);
  const seed = 'ENV A=0123456789abcdef\n';
  assert.deepEqual(errorsOf(`${BASE}${seed}${double}`), [`dockerfile_contents: line 15: ENV ${GROWS}`]);
  const old = 'ENV A $A$A\n'.repeat(30);
  const argument = `ARG A=\${A}\${A:-x}\n`.repeat(30);
  const many = `ENV B=${'b'.repeat(1_000)}\nLABEL ${Array.from({ length: 300 }, (_, n) => `l${n}=$B`).join(' ')}\n`;
  const inherited = `FROM debian AS first\n${seed}${'ENV A=$A$A\n'.repeat(9)}FROM first AS second\n${'ENV A=$A$A\n'.repeat(9)}${BASE}`;
  for (const contents of [`${BASE}${seed}${old}`, `${BASE}${seed}${argument}`, `${BASE}${many}`, inherited]) {
    const errors = errorsOf(contents);
    assert.equal(errors.length, 1, contents.slice(0, 80));
    assert.match(errors[0] ?? '', new RegExp(`^dockerfile_contents: line \\d+: [A-Z]+ ${GROWS}$`));
  }
});

test('checkDockerfile() takes a hundred stages, and not one more', () => {
  const stages = (count: number): string => `${'FROM debian\n'.repeat(count - 1)}${BASE}`;
  assert.deepEqual(errorsOf(stages(100)), []);
  assert.deepEqual(errorsOf(stages(101)), [
    'dockerfile_contents: line 101: there must be no more than 100 stages',
  ]);
});
