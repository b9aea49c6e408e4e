import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDockerfile } from './check-dockerfile.ts';

const BASE = 'FROM orca-grader-base\n';
const errorsOf = (contents: string): string[] => checkDockerfile(contents, { allowRemoteAdd: false }).errors;
const at = (line: number, what: string): string[] => [`dockerfile_contents: line ${line}: ${what}`];
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
  for (const word of ['$PORTS', '"1-65535"', '1\\-65535', '1-65535:1-65535', "'80'", '80/tcp/', '[80]'])
    assert.deepEqual(
      errorsOf(`${BASE}EXPOSE 80 ${word}\n`),
      at(2, `EXPOSE must name ports plainly, as 80, 80/udp or 8000-8010, is "${word}"`),
    );
});
