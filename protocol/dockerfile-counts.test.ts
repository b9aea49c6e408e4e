import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDockerfile } from './check-dockerfile.ts';

const BASE = 'FROM orca-grader-base\n';
const errorsOf = (contents: string): string[] => checkDockerfile(contents, { allowRemoteAdd: false }).errors;
const at = (line: number, what: string): string[] => [`dockerfile_contents: line ${line}: ${what}`];
const notPlain = (word: string): string =>
  `EXPOSE must name ports plainly, as 80, 80/udp, 8000-8010 or $PORT with such a default, is "${word}": leave EXPOSE out, it has no effect on jobs`;
const tooMany = (count: number): string =>
  `an image must have at most 256 exposed ports, it has ${count} up to here`;

test('checkDockerfile() takes 500 instructions, and not one more (D14)', () => {
  const instructions = (count: number): string =>
    `# a comment\nARG A\n${BASE}${'USER 0\n'.repeat(count - 2)}`;
  assert.deepEqual(errorsOf(instructions(500)), []);
  assert.deepEqual(errorsOf(instructions(501)), at(502, 'there must be no more than 500 instructions'));
});

test('checkDockerfile() takes 256 exposed ports, and not one more, ranges counted (D14)', () => {
  assert.deepEqual(errorsOf(`${BASE}EXPOSE 1-255 8080/TCP\nEXPOSE 8080/TCP\n`), []);
  assert.deepEqual(errorsOf(`${BASE}EXPOSE 1-255\nEXPOSE 8080/tcp 8080/udp\n`), at(3, tooMany(257)));
  const all = 'EXPOSE 1-65535 1-65535/udp 1-65535/sctp\n';
  assert.deepEqual(errorsOf(`${BASE}${all}${'USER 0\n'.repeat(100)}`), at(2, tooMany(196_605)));
});

test('checkDockerfile() counts the ports of a stage to what is built on it, and not to others', () => {
  const stages = 'FROM debian AS a\nEXPOSE 1-200\nFROM a AS b\nFROM debian\nEXPOSE 1-256\n';
  assert.deepEqual(errorsOf(`${stages}${BASE}EXPOSE 1-256\n`), []);
  assert.deepEqual(errorsOf(`${stages}FROM b\nEXPOSE 301-357\n${BASE}`), at(7, tooMany(257)));
});

test('checkDockerfile() refuses ports that it cannot count', () => {
  const words = ['$PORTS', '1\\-65535', '1-65535:1-65535', '80/tcp/', '[80]', `'80"`, '""80""', `\${P:-80}`];
  for (const word of words) assert.deepEqual(errorsOf(`${BASE}EXPOSE 80 ${word}\n`), at(2, notPlain(word)));
});

test('checkDockerfile() counts a word of EXPOSE once, and takes a pair of quotes away', () => {
  assert.deepEqual(errorsOf(`${BASE}EXPOSE 1-200 1-200 "1-200"\nEXPOSE '8080'\n`), []);
  assert.deepEqual(errorsOf(`${BASE}EXPOSE "1-65535"\n`), at(2, tooMany(65_535)));
});

test('checkDockerfile() fills in ports that ENV or ARG names plainly', () => {
  const fine = [
    `${BASE}ARG PORT=8080\nEXPOSE \${PORT} $PORT/udp "$PORT"\n`,
    `ARG PORT=8080\n${BASE}ARG PORT\nENV PORT=$PORT\nEXPOSE $PORT\n`,
    `${BASE}ENV A="80" B='1-9' C=$HOME\nENV OPTS -Da=b\nENV D 1-200\nEXPOSE $A $B $D \${A}0\n`,
    `FROM node AS a\nENV PORT=80\nFROM a\nEXPOSE $PORT\n${BASE}`,
  ];
  for (const contents of fine) assert.deepEqual(errorsOf(contents), [], contents);
  assert.deepEqual(errorsOf(`${BASE}ARG A=1-200\nENV B=201-257\nEXPOSE $A $B\n`), at(4, tooMany(257)));
  assert.deepEqual(errorsOf(`${BASE}ENV A=1-300\nARG A=80\nEXPOSE $A\n`), at(4, tooMany(300)));
});

test('checkDockerfile() refuses ports of which it cannot be certain', () => {
  const from = (head: string, line: number, word = '$A', foot = ''): void =>
    assert.deepEqual(errorsOf(`${head}EXPOSE ${word}\n${foot}`), at(line, notPlain(word)), head);
  from(`ARG A=80\n${BASE}`, 3);
  from(`FROM node\nARG A=80\n`, 3, '$A', BASE);
  from(`FROM orca-grader-base AS a\nARG A=80\nFROM a\n`, 4, '$A', BASE);
  from(`${BASE}ARG A=80\nENV $B=1-65535\n`, 4);
  from(`${BASE}ARG A=80\nENV "A"=1-65535\n`, 4);
  from(`${BASE}ENV A=80 B=x\u00a0A=1-65535\n`, 3);
  from(`${BASE}ARG B=5300\nARG A=6$B-65535\n`, 4);
  from(`${BASE}ENV A=80\n`, 3, "'$A'");
  const env = (count: number): string =>
    `ENV ${Array.from({ length: count }, (_, n) => `A${n}=80`).join(' ')}\n`;
  assert.deepEqual(errorsOf(`${BASE}${env(1_000)}EXPOSE $A0\n`), []);
  from(`${BASE}${env(1_001)}`, 3, '$A0');
  from(`${BASE}ENV A=1\nENV A=$A$A$A$A$A\nENV A=$A$A$A$A$A\n`, 5);
});
