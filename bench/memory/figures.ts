/** What was seen of one process, in MiB. */
export type ProcessFigures = {
  name: string;
  idle: number;
  /** Medians of the first and of the last third of the jobs, the warm-up left out. */
  early: number;
  late: number;
  /** The most in all of it. */
  most: number;
  /** The most while one large file came, and while one large output went, and what there was before each. */
  beforeFile: number;
  file: number;
  beforeOutput: number;
  output: number;
};

/** All that was measured. */
export type MemoryFigures = {
  scale: string;
  jobs: number;
  jobsPerSecond: number;
  processes: ProcessFigures[];
};

/** One of the goals, and how a process stands to it. */
export type Goal = { sentence: string; process: string; limit: number; value: number; isMet: boolean };

const MOST_MIB = 150;
const GROWTH_MAX = 1.1;
/** Of what passes through, 100 MB and 128 MiB, so much may be on its way or not yet collected. */
const PASSING_MIB_MAX = 64;

/** Judges each process. */
export function judgeMemory({ processes }: MemoryFigures): Goal[] {
  return processes.flatMap((one) => {
    const goal = (sentence: string, limit: number, value: number): Goal => ({
      ...{ sentence, process: one.name, limit, value, isMet: value <= limit },
    });
    return [
      goal('the most, in MiB', MOST_MIB, one.most),
      goal('the last third of the jobs, next to the first', GROWTH_MAX, one.late / one.early),
      goal('rise with a file of 128 MiB, in MiB', PASSING_MIB_MAX, Math.max(0, one.file - one.beforeFile)),
      goal(
        'rise with an output of 100 MB, in MiB',
        PASSING_MIB_MAX,
        Math.max(0, one.output - one.beforeOutput),
      ),
    ];
  });
}

/** The middle one of some numbers; 0 of none. */
export function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor((numbers.length - 1) / 2)] ?? 0;
}

/** The first or the last third of a list, at least one of it. */
export function thirdOf(numbers: readonly number[], which: 'first' | 'last'): number[] {
  const count = Math.max(1, Math.floor(numbers.length / 3));
  return which === 'first' ? numbers.slice(0, count) : numbers.slice(-count);
}
