import { spawn } from 'node:child_process';
import type { FlatConditionStep } from '@orca/protocol';
import type { SandboxPlan } from '@orca/protocol/sandbox-plan';
import { wrapCommand } from './command-wrapper.ts';
import type { CommandUser } from './surroundings.ts';

const FLAG_OF_PREDICATE = { exists: '-e', file: '-f', dir: '-d' } as const;

/**
 * Looks whether a condition holds, as the submission's user: what only the harness could see is not there.
 *
 * @returns false also when it cannot be looked at, as where processes that were kept leave no room for another
 */
export function checkCondition(
  step: FlatConditionStep,
  deps: { readonly plan: Pick<SandboxPlan, 'env' | 'home'>; readonly user: CommandUser | null },
): Promise<boolean> {
  const script = `test ${FLAG_OF_PREDICATE[step.predicate]} "$1"`;
  const isImageProgram = (): boolean => true;
  const test = ['/bin/sh', '-c', script, 'sh', step.operand];
  const { file, args, options } = wrapCommand(test, null, { ...deps, isImageProgram });
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
