import type { OrcaApi } from '../system/orca-api.ts';
import { inLanes, type Run } from '../turns/take-turns.ts';
import type { CourseSite } from './course-site.ts';
import type { Night } from './night.ts';
import { SLOTS } from './scale.ts';

/** Grades the night's jobs in its order, again and again. */
export function createOrcaRun({ submissions }: Night, api: OrcaApi, site: CourseSite): Run {
  let number = 0;
  return async (count, onEnd) => {
    const keys = Array.from({ length: count }, () => `turn ${number++}`);
    const gradeOne = async (key: string, index: number): Promise<void> => {
      const job = submissions[index % submissions.length]?.job;
      if (job === undefined) throw new Error('Cannot take turns: nothing was handed in');
      await api.put({ ...job, key, collation: { type: 'user', id: key } });
      const { errors } = await site.resultOf(key);
      if (errors.length > 0)
        throw new Error(`Cannot compare: a result has errors: ${JSON.stringify(errors)}`);
      onEnd();
    };
    await Promise.all(keys.map(gradeOne));
  };
}

/**
 * The same jobs by `docker run`, as many at once.
 *
 * @param run grades a submission, by its index in the night
 */
export function createDockerRun({ submissions }: Night, run: (index: number) => Promise<string>): Run {
  return async (count, onEnd) =>
    await inLanes(count, SLOTS, async (number) => {
      await run(number % submissions.length);
      onEnd();
    });
}
