export {
  type ApiKey,
  type ApiKeyRole,
  countApiKeys,
  createApiKey,
  findApiKey,
  type NewApiKey,
} from './api-keys/api-keys.ts';
export { signingSecrets } from './api-keys/signing-secrets.ts';
export { type ConnectOptions, connectDatabase, type Database, type Queries } from './connect.ts';
export { DatabaseError, type DatabaseErrorCode, isDatabaseAway } from './database-error.ts';
export {
  type ClaimedDelivery,
  claimDelivery,
  type DeliveryAttempt,
  nextDeliveryMs,
  recordDeliveryAttempt,
} from './deliveries/deliveries.ts';
export { findImage, type KnownImage, type ReadyImage, recordImage } from './images/images.ts';
export { installationId } from './installation.ts';
export { CHANNELS, type Channel, type Listener, listenTo } from './listen.ts';
export { findSchemaState, migrate, type SchemaState } from './migrate.ts';
export { notifyDeliveries, notifyJobs, notifyRuns } from './notify.ts';
export { withoutPrismaParameters } from './postgres-url.ts';
export { type ClaimedJob, claimJob } from './queue/claim.ts';
export { type Enqueued, enqueueJob, type NewJob } from './queue/enqueue.ts';
export { type FinishedRun, finishJob } from './queue/finish.ts';
export {
  type KnownContainer,
  listKnownContainers,
  recordContainer,
  renewLease,
  returnJob,
} from './queue/lease.ts';
export { countJobs, jobState, nextReleaseMs } from './queue/look.ts';
export {
  beatWorker,
  listLiveWorkers,
  type NewWorker,
  registerWorker,
  retireWorker,
  setWorkerIdle,
} from './workers/workers.ts';
