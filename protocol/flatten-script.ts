import type { GradingScript, Predicate } from './grading-script.ts';

/** Where a step leads: another step's index, or an ending of the script. */
export type FlatTarget = number | 'output' | 'abort';

/** A command of the script, with its edges resolved. */
export type FlatStep = FlatShellStep | FlatConditionStep;

/** A step that runs a program. */
export interface FlatShellStep {
  readonly kind: 'shell';
  /** Where it stands in the script, such as `script[2].on_fail[0]`. */
  readonly path: string;
  readonly cmd: string | string[];
  readonly workingDir: string | null;
  readonly timeoutSeconds: number;
  readonly keepProcesses: boolean;
  readonly onSuccess: FlatTarget;
  readonly onFailure: FlatTarget;
}

/** A step that looks at the file system and branches. */
export interface FlatConditionStep {
  readonly kind: 'condition';
  /** Where it stands in the script. */
  readonly path: string;
  readonly predicate: Predicate;
  readonly operand: string;
  readonly onTrue: FlatTarget;
  readonly onFalse: FlatTarget;
}

export function flattenScript(_script: GradingScript): FlatStep[] {
  throw new Error('not yet');
}
