import type { Queries } from '../connect.ts';
import { listLiveWorkers } from './workers.ts';

/** Tells the dead from those who only seem so, from one look to the next. */
export interface LifeWatch {
  /**
   * Looks once. Who lives is asked when somebody wants to know it first: who began before that is among them.
   *
   * @param act is handed what says whether somebody lives, or was silent here for the first time
   * @throws {DatabaseError} out of `act`; after whatever it fails with, the next look counts as the first
   */
  look<T>(act: (isAlive: (workerId: string) => Promise<boolean>) => Promise<T>): Promise<T>;
  /** The next look counts as the first. */
  forget(): void;
}

/**
 * Takes for dead who gave no sign of life, and has no run, in two looks in a row. Once is not enough: when PostgreSQL was away,
 * or its clock jumped, all seem silent until they come to give their next one.
 */
export function watchLives(db: Queries): LifeWatch {
  let suspects: ReadonlySet<string> = new Set();
  const forget = (): void => {
    suspects = new Set();
  };
  return {
    async look(act) {
      const before = suspects;
      forget();
      const silent = new Set<string>();
      let asked: Promise<readonly string[]> | null = null;
      const done = await act(async (workerId) => {
        asked ??= listLiveWorkers(db);
        if ((await asked).includes(workerId)) return true;
        silent.add(workerId);
        return !before.has(workerId);
      });
      suspects = silent;
      return done;
    },
    forget,
  };
}
