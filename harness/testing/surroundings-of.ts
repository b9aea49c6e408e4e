import type { Surroundings } from '../surroundings.ts';

const NOTHING_USED = { wallMs: 0, cpuMs: 0, memoryPeakBytes: 0, oomKills: 0, forksRefused: 0 };

/** Surroundings where nothing is used, and nothing is there to kill; a test says what it wants otherwise. */
export function surroundingsOf(
  changes: Partial<Omit<Surroundings, 'measureUsage'>> = {},
  used: Partial<typeof NOTHING_USED> = {},
): Surroundings {
  return {
    user: null,
    disks: [],
    pipesFolder: '/nowhere',
    isImageProgram: () => false,
    measureUsage: () => () => ({ ...NOTHING_USED, ...used }),
    onStarted: () => undefined,
    killAll: async () => undefined,
    ...changes,
  };
}
