import type { GradedSubmission } from './orca-night.ts';

/** Somebody with one submission who waited behind another's later one. */
export type Unfairness = {
  /** Of the one who waited. */
  student: string;
  arrivedSeconds: number;
  claimedSeconds: number;
  /** Whose second or later place came first, and when that was released and served. */
  behind: string;
  releasedSeconds: number;
  servedSeconds: number;
};

/**
 * Finds students with one submission who waited behind a place of another that was released later and is not that one's
 * first. A student's places are released as the submissions come and served in that order, whichever submission each
 * serves. Nothing is delayed here, so a place is released when its submission comes.
 */
export function findUnfairness(submissions: readonly GradedSubmission[]): Unfairness[] {
  const byStudent = [...Map.groupBy(submissions, ({ student }) => student)];
  const singles = byStudent.flatMap(([, own]) => (own.length === 1 ? own : []));
  const laterPlaces = byStudent.flatMap(([behind, own]) => {
    const released = own.map(({ arrivedSeconds }) => arrivedSeconds).sort((one, other) => one - other);
    const served = own.map(({ claimedSeconds }) => claimedSeconds).sort((one, other) => one - other);
    return released
      .map((releasedSeconds, place) => ({ behind, releasedSeconds, servedSeconds: served[place] ?? 0 }))
      .slice(1);
  });
  return singles.flatMap((single) =>
    laterPlaces
      .filter(
        ({ releasedSeconds, servedSeconds }) =>
          releasedSeconds > single.arrivedSeconds && servedSeconds < single.claimedSeconds,
      )
      .map((place) => ({
        student: single.student,
        arrivedSeconds: single.arrivedSeconds,
        claimedSeconds: single.claimedSeconds,
        ...place,
      })),
  );
}
