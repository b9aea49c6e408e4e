import { spawn } from 'node:child_process';
import type { FlatConditionStep } from '@orca/protocol';
import type { SandboxPlan } from '@orca/protocol/sandbox-plan';
import { wrapCommand } from './command-wrapper.ts';
import type { Surroundings } from './surroundings.ts';

/** What looking at a condition needs. */
export interface ConditionDeps {
  readonly plan: Pick<SandboxPlan, 'env' | 'home'>;
  readonly surroundings: Pick<Surroundings, 'user' | 'onStarted' | 'killAll'>;
}

/** Longest that a condition may take, in milliseconds: it is looked at in a few, unless processes that were kept stop it. */
export const CONDITION_MS_MAX = 60_000;

const FLAG_OF_PREDICATE = { exists: '-e', file: '-f', dir: '-d' } as const;

/**
 * Looks whether a condition holds, as the submission's user: what only the harness could see is not there.
 *
 * @param timeMs how long that may take; then everything that runs is killed, as at a command's time-out
 * @returns false also when it cannot be looked at, as where processes that were kept leave no room for another
 */
export async function checkCondition(
  step: FlatConditionStep,
  timeMs: number,
  deps: ConditionDeps,
): Promise<boolean | 'expired'> {
  const clock = Promise.withResolvers<'expired'>();
  const timer = setTimeout(() => clock.resolve('expired'), timeMs);
  const holds = await Promise.race([look(step, deps), clock.promise]);
  clearTimeout(timer);
  if (holds === 'expired') await deps.surroundings.killAll();
  return holds;
}

function look(step: FlatConditionStep, { plan, surroundings }: ConditionDeps): Promise<boolean> {
  const script = `test ${FLAG_OF_PREDICATE[step.predicate]} "$1"`;
  const isImageProgram = (): boolean => true;
  const test = ['/bin/sh', '-c', script, 'sh', step.operand];
  const { file, args, options } = wrapCommand(test, null, { plan, user: surroundings.user, isImageProgram });
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, stdio: 'ignore' });
    if (child.pid !== undefined) surroundings.onStarted(child.pid);
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
