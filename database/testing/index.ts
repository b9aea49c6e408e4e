export { type ClonedDatabase, cloneDatabase } from './clone-database.ts';
export { type CutProxy, startCutProxy } from './cut-proxy.ts';
export { exhaustLog } from './exhaust-log.ts';
export { FILLED_SECONDS_PER_JOB, fillQueue } from './fill-queue.ts';
export { type MadeJob, makeJob } from './make-job.ts';
export { makeOldKeys } from './old-key-table.ts';
export { passTime } from './pass-time.ts';
export { makeReadyImage, SAVED_IMAGE } from './ready-image.ts';
export { pretendSchema } from './set-schema.ts';
export {
  allowStrangeJobs,
  fillLine,
  type HandQuery,
  handQueries,
  makeDatabase,
  makePlainTable,
  plainInsert,
  serverVersion,
  settleDatabase,
} from './queue-bench.ts';
