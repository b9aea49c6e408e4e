import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openTestSandbox, type TestSandbox } from './testing/open-test-sandbox.ts';
import { OUTPUT } from './testing/steps-of.ts';

// Made with the image's own programs: `7z` need not be on the machine that runs the tests.
const MAKERS = {
  zip: 'zip -qry - .',
  tar: 'tar cf - .',
  'tar.gz': 'tar czf - .',
  '7z': '7z a -bso0 -bsp0 -snl /tmp/made.7z . && cat /tmp/made.7z',
} as const;

describe('files in a sandbox', () => {
  let box: TestSandbox;
  before(async () => {
    box = await openTestSandbox();
  });
  after(() => box[Symbol.asyncDispose]());

  /** Runs a shell script in the sandbox, and hands back its stdout. */
  async function make(script: string): Promise<Buffer> {
    const report = await box.run([{ cmd: `set -e; mkdir made; cd made; ${script}`, ...OUTPUT }]);
    assert.equal(report.ending.kind, 'output', String(report.steps[0]?.stderr));
    return report.steps[0]?.stdout ?? Buffer.alloc(0);
  }

  test('are unpacked alike from every kind of archive, owned by the user, modes masked', async () => {
    const content =
      'mkdir -p src/deep; echo hello > src/deep/a.txt; echo go > run; chmod 4755 run; ln -s src/deep/a.txt l';
    const formats = ['zip', 'tar', 'tar.gz', '7z'] as const;
    const files = [];
    for (const format of formats) {
      files.push({
        name: format,
        fileName: `x.${format}`,
        content: await make(`${content}; ${MAKERS[format]}`),
        format,
      });
    }
    files.push({ name: 'gz', fileName: 'one.txt.gz', content: gzipSync('one'), format: 'gz' } as const);
    files.push({ name: 'plain', fileName: 'p.txt', content: 'plain', format: 'copy' } as const);
    const look = 'find . -printf "%P %y %m %u\\n" | sort; cat l; cat ./l src/deep/a.txt | wc -l';
    const report = await box.run(
      [
        ...formats.map((name) => ({ cmd: look, working_dir: `$EXTRACTED/${name}`, on_complete: 'next' })),
        { cmd: 'cat $EXTRACTED/gz/one.txt $EXTRACTED/plain/p.txt; ls $DOWNLOADED/*', ...OUTPUT },
      ],
      { files },
    );
    const expected = [
      ' d 755 orca-grader',
      'l l 777 orca-grader',
      'run f 755 orca-grader',
      'src d 755 orca-grader',
      'src/deep d 755 orca-grader',
      'src/deep/a.txt f 644 orca-grader',
      'hello',
      '2',
    ];
    report.steps.slice(0, formats.length).forEach((step, index) => {
      assert.deepEqual(
        String(step.stdout).trimEnd().split('\n'),
        expected,
        `${formats[index]} ${step.stderr}`,
      );
    });
    const last = String(report.steps.at(-1)?.stdout);
    assert.ok(last.startsWith('oneplain'), last);
    for (const name of ['x.zip', 'x.7z', 'one.txt.gz', 'p.txt']) assert.ok(last.includes(name), name);
  });

  test('have their variables replaced where they ask for it, and only there', async () => {
    const content = 'build=$BUILD\n';
    const report = await box.run([{ cmd: 'cat $EXTRACTED/*/c.txt $DOWNLOADED/with/c.txt', ...OUTPUT }], {
      files: [
        { name: 'with', fileName: 'c.txt', content, format: 'copy', replacePaths: true },
        { name: 'without', fileName: 'c.txt', content, format: 'copy' },
      ],
    });
    assert.equal(String(report.steps[0]?.stdout), `build=/work/build\n${content}${content}`);
  });

  test('come over whole, however large, and none at all is fine', async () => {
    const content = Buffer.alloc(20_000_000, 'orca');
    const report = await box.run([{ cmd: 'md5sum < $EXTRACTED/big/b', ...OUTPUT }], {
      files: [
        { name: 'big', fileName: 'b', content, format: 'copy' },
        { name: 'empty', fileName: 'e', content: '', format: 'copy' },
      ],
    });
    const expected = execFileSync('md5sum', { input: content, encoding: 'utf8' });
    assert.equal(String(report.steps[0]?.stdout), expected);
  });

  test('that are more than the disk holds end the job with a limit', async () => {
    const files = [
      { name: 'big', fileName: 'b', content: Buffer.alloc(20_000_000), format: 'copy' } as const,
    ];
    const report = await box.run([{ cmd: ['true'] }], { files, limits: { diskMb: 16 } });
    assert.equal(report.ending.kind, 'limit');
    assert.match(report.ending.kind === 'limit' ? report.ending.sentence : '', /16 MiB of disk/);
  });

  test("end as our fault when they change on the worker's disk meanwhile", async () => {
    const job = {
      steps: [],
      imageId: 'orca-grader-base:latest',
      limits: { wallSeconds: 20, cpus: 1, memoryMb: 32, diskMb: 16, pids: 32, entries: 100 },
      network: 'none',
      files: [
        {
          name: 'f',
          fileName: 'f',
          path: import.meta.filename,
          bytes: 10,
          format: 'copy',
          replacePaths: false,
        },
      ],
    } as const;
    const report = await box.sandbox.run(job, () => undefined, new AbortController().signal);
    assert.equal(report.ending.kind, 'failed', JSON.stringify(report.ending));
  });
});
