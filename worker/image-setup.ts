import type { Logger, SettingValues } from '@orca/daemon';
import { type Database, listImageUses, listNeededImages } from '@orca/database';
import type { ImageEvent, ImageSetup } from '@orca/grading';
import type { workerSettings } from './settings.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const SECOND_MS = 1_000;
const HOUR_SECONDS = 3_600;
const GIB = 1024 ** 3;

/** What it needs. */
export interface ImageSetupDeps {
  readonly db: Database;
  readonly source: ImageSetup['source'];
  readonly folder: string;
  readonly metrics: Pick<WorkerMetrics, 'noteImage'>;
  readonly log: Logger;
}

/** What the settings say of the grader images of this worker. */
export function imageSetup(
  settings: SettingValues<typeof workerSettings>,
  { db, source, folder, metrics, log }: ImageSetupDeps,
): ImageSetup {
  return {
    source,
    folder,
    totalMs: settings.ORCA_IMAGE_TOTAL_SECONDS * SECOND_MS,
    retention: {
      keepSeconds: settings.ORCA_IMAGE_KEEP_HOURS * HOUR_SECONDS,
      bytesMax: settings.ORCA_IMAGES_GB_MAX * GIB,
    },
    lastUses: (shas) => listImageUses(db, shas),
    needed: (shas) => listNeededImages(db, shas),
    onEvent(event) {
      metrics.noteImage(event);
      logImage(event, log);
    },
  };
}

function logImage(event: ImageEvent, log: Logger): void {
  switch (event.kind) {
    case 'download_started':
      log.info({ sha: event.sha, bytes: event.bytes }, 'downloading a grader image');
      return;
    case 'loaded': {
      const { sha, downloadMs, loadMs } = event;
      const times = { downloadMs: Math.round(downloadMs), loadMs: Math.round(loadMs) };
      log.info({ sha, ...times }, 'grader image loaded');
      return;
    }
    case 'failed':
      log.warn({ sha: event.sha, err: event.cause }, 'a grader image could not be fetched');
      return;
    default:
      event satisfies never;
  }
}
