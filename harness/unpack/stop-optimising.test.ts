import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const MODULE = import.meta.resolve('./stop-optimising.ts');

/** What V8 says that it has optimised of a loop that is worth it. */
function optimised(before: string): number {
  const program = `${before}; let sum = 0; const add = (n) => { sum += n % 7; };
    for (let n = 0; n < 3e6; n += 1) add(n); process.exitCode = sum > 0 ? 0 : 1;`;
  const args = ['--trace-opt', '--no-concurrent-recompilation', '--input-type=module', '-e', program];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0);
  return stdout.match(/completed compiling .*<JSFunction add/g)?.length ?? 0;
}

test('stopOptimising() leaves what comes after it to the interpreter and the baseline compiler', () => {
  assert.notEqual(optimised(''), 0);
  assert.equal(optimised(`import { stopOptimising } from ${JSON.stringify(MODULE)}; stopOptimising()`), 0);
});
