import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDockerfile } from './parse-dockerfile.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

/** Instructions as `line NAME options|args`, and the problems. */
function read(contents: string): { instructions: string[]; problems: string[] } {
  const { instructions, problems } = parseDockerfile(contents);
  return {
    instructions: instructions.map(
      ({ name, options, args, line }) => `${line} ${name} ${options.join(' ')}|${args}`,
    ),
    problems: problems.map(({ line, message }) => `${line} ${message}`),
  };
}

test('parseDockerfile() reads instructions in any case, with their first line', () => {
  const contents =
    '# comment\r\n\r\nfrom a as b\r\n\n  Run x  y \\\n    && z\nCOPY --from=b --chown=0:0 /a /b\nCMD ["a"]';
  assert.deepEqual(read(contents), {
    instructions: [
      '3 FROM |a as b',
      '5 RUN |x  y     && z',
      '7 COPY --from=b --chown=0:0|/a /b',
      '8 CMD |["a"]',
    ],
    problems: [],
  });
});

test('parseDockerfile() skips comments and blank lines within a continuation, as the builder does', () => {
  assert.deepEqual(read('RUN a \\ \t\n# b\n\n  # c \\\n && d # e\nUSER x').instructions, [
    '1 RUN |a  && d # e',
    '6 USER |x',
  ]);
  assert.deepEqual(read('RUN a \\\n').instructions, ['1 RUN |a']);
  assert.deepEqual(read('\\\nFROM x').instructions, ['1 FROM |x']);
});

test('parseDockerfile() honours "# escape=" at the very top, behind a BOM and "# syntax=" too', () => {
  for (const top of ['# escape=`\n', '\ufeff#ESCAPE = ` \r\n', '# syntax=x/y\n# escape=`\n']) {
    const { instructions, problems } = read(`${top}RUN a \`\nb \\\nRUN c`);
    assert.deepEqual([instructions.length, problems], [2, []], top);
  }
});

test('parseDockerfile() refuses "# escape=" where builders read it differently or not at all', () => {
  const rows: [top: string, problem: RegExp][] = [
    ['# a comment\n# escape=`\n', /^2 "# escape=" has a meaning on the first line only/],
    ['\n# escape=`\n', /^2 "# escape=" has a meaning/],
    ['# check=skip=all\n# escape=`\n', /^2 "# escape=" has a meaning/],
    ['# escape=x\n', /^1 "# escape=" must be followed by \\ or `/],
    ['# escape=``\n', /^1 "# escape=" must be followed by/],
    ['# escape=`\n# escape=\\\n', /^2 "# escape=" must be there only once/],
  ];
  for (const [top, problem] of rows) assert.match(read(`${top}FROM a`).problems.join('\n'), problem);
  assert.deepEqual(read('FROM a\n# escape=`\n').problems, []);
});

test('parseDockerfile() refuses what hides an instruction from one builder and not from another', () => {
  const rows: [contents: string, problem: RegExp][] = [
    ['RUN a \\\\\nFROM b', /^1 must not end with \\\\/],
    ['RUN a\rFROM b', /^1 must not contain control characters, has U\+000D/],
    ['FROM a\n# \u0000', /^2 must not contain control characters, has U\+0000/],
    ['COPY --from="a b" /x /y', /^1 options must be written plainly/],
    ['COPY --from=\\a /x /y', /^1 options must be written plainly/],
    ['COPY --chown=à /x /y', /^1 options must be written plainly/],
  ];
  for (const [contents, problem] of rows) assert.match(read(contents).problems.join('\n'), problem);
});

test('parseDockerfile() takes no look-alike of a letter for an instruction', () => {
  for (const name of ['ONBU\u0130LD', 'WOR\u212aDIR', 'U\u017fER', '\ufeffFROM', 'FROM\u00a0a']) {
    assert.deepEqual(
      parseDockerfile(`ARG x\n${name} y`).instructions.map((each) => each.name),
      ['ARG', name],
    );
  }
});

const piece = fc.oneof(
  fc.constantFrom(
    'FROM ',
    'RUN ',
    '\\',
    '`',
    '\n',
    '\r\n',
    '#',
    '# escape=`\n',
    '--from=a ',
    '[',
    '"',
    '\ufeff',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

test('parseDockerfile() reads any text, and its lines count upwards', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const contents = pieces.join('');
      const { instructions, problems } = parseDockerfile(contents);
      const lines = contents.split('\n').length;
      let last = 0;
      for (const { line } of instructions) {
        assert.ok(line > last && line <= lines);
        last = line;
      }
      for (const { line } of problems) assert.ok(line >= 1 && line <= lines);
    }),
    { numRuns: 1000 },
  );
});

test('parseDockerfile() takes linear time, whatever it is given', () => {
  const a = 'a'.repeat(50_000);
  const took = cpuMsOf(() => parseDockerfile(a), 5);
  assert.ok(took < 5, `${took} ms`);
  const units = ['\\\n', '#\n', '\\', ' ', '\t\n', '--a ', '"', '# a =', '\u0001', '\u00a0', 'RUN \\\n\n'];
  for (const unit of units) {
    const text = `RUN ${unit.repeat(500_000 / unit.length)}`;
    const ms = cpuMsOf(() => parseDockerfile(text));
    // Quadratic time would be minutes.
    assert.ok(ms < 1500, `${JSON.stringify(unit)} takes ${ms} ms`);
  }
});
