import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { checkGradingScript } from '../check-script.ts';

/** Each of these is the only thing wrong: one sentence, that begins with the path. */
export function assertRefused(rows: readonly [script: unknown, sentence: string | RegExp][]): void {
  for (const [script, sentence] of rows) {
    const problems = checkGradingScript(script);
    const shown = inspect(script);
    assert.equal(problems.length, 1, `${shown} gave ${JSON.stringify(problems)}`);
    if (typeof sentence === 'string') assert.equal(problems[0], sentence, shown);
    else assert.match(problems[0] ?? '', sentence, shown);
  }
}

/** Nothing is wrong with any of these. */
export function assertAccepted(...scripts: unknown[]): void {
  for (const script of scripts)
    assert.deepEqual(checkGradingScript(script), [], JSON.stringify(script).slice(0, 200));
}
