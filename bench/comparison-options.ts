import path from 'node:path';

/** How much is done: `full` is what the goals are about, `tiny` shows that it runs. */
export type ScaleName = 'full' | 'quick' | 'tiny';

/**
 * What every comparison can be told, for `parseArgs`.
 *
 * @param data the folder below `.orca/` where all is kept meanwhile, unless another is named
 */
export function comparisonOptions(data: string) {
  return {
    quick: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    results: { type: 'string', default: path.join(import.meta.dirname, 'results.md') },
    data: { type: 'string', default: path.join(import.meta.dirname, '..', '.orca', data) },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
}

/** Which scale was asked for. */
export function scaleNameOf({ quick, tiny }: { quick: boolean; tiny: boolean }): ScaleName {
  return tiny ? 'tiny' : quick ? 'quick' : 'full';
}
