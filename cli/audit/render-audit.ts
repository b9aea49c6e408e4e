import type { Violation } from '@orca/database';
import type { Orphan } from './find-orphans.ts';

/** What an audit has found. */
export interface AuditReport {
  readonly violations: readonly Violation[];
  /** `null` where the engine could not be asked. */
  readonly orphans: readonly Orphan[] | null;
  /** Why it could not; `null` where it could. */
  readonly engine: string | null;
}

/** Whether all holds that could be asked for. */
export function isSound({ violations, orphans }: AuditReport): boolean {
  return violations.length === 0 && (orphans ?? []).length === 0;
}

/** The report, for a person. */
export function renderAudit(report: AuditReport): string {
  const { violations, orphans, engine } = report;
  const lines = violations.map(
    ({ invariant, sentence, jobId }) => `${invariant}  ${jobId === null ? '' : `job ${jobId}: `}${sentence}`,
  );
  lines.push(
    ...(orphans ?? []).map(
      ({ container, workerId }) =>
        `no_container_outlives_its_run  ${container}: its worker (${workerId}) is dead, or the run has ended`,
    ),
  );
  if (engine !== null) lines.push(`Containers were not looked at: ${engine}`);
  lines.push(
    isSound(report) ? 'All holds.' : `${violations.length + (orphans ?? []).length} things do not hold.`,
  );
  return `${lines.join('\n')}\n`;
}
