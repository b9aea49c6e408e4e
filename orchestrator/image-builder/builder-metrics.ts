import type { Metrics } from '@orca/daemon';
import type { Ability } from './ability.ts';

const SECOND_MS = 1_000;

/** How a build ended: `put_back` through no fault of the Dockerfile, `lost` to another builder. */
export type BuildEnding = 'ready' | 'failed' | 'put_back' | 'lost';

/** What the alert OrcaBuildsPutBack looks at. */
const LOOKED_AT: readonly BuildEnding[] = ['put_back', 'lost'];

/** Notes a build that has ended. */
export type NoteBuild = (ending: BuildEnding, durationMs: number) => void;

/** Declares what an image builder counts, and whether it can work, which is read when it is asked for. */
export function builderMetrics(metrics: Metrics, ability: Pick<Ability, 'isAble'>): NoteBuild {
  metrics.gauge(
    'orca_builder_able',
    '1 while this image builder can work, 0 while it claims nothing.',
    [],
    () => [{ labels: {}, value: ability.isAble ? 1 : 0 }],
  );
  const count = metrics.counter(
    'orca_builds_total',
    'Builds of grader images by how they ended.',
    ['end'],
    LOOKED_AT.map((end) => ({ end })),
  );
  const note = metrics.histogram(
    'orca_build_seconds',
    'Time of a build, the trial and the saving included.',
    ['end'],
  );
  return (end, durationMs) => {
    count({ end });
    note({ end }, durationMs / SECOND_MS);
  };
}
