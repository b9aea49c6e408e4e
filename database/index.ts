export {
  type ApiKey,
  type ApiKeyRole,
  countApiKeys,
  createApiKey,
  findApiKey,
  type ListedApiKey,
  listApiKeys,
  type NewApiKey,
  noteApiKeyUse,
  type Revocation,
  revokeApiKey,
} from './api-keys/api-keys.ts';
export { type ParsedHostname, parseHostname } from './api-keys/hostname.ts';
export { type ImportReport, importApiKeys } from './api-keys/import-keys.ts';
export { type OldKeys, type OldKeyTable, readOldKeys } from './api-keys/old-keys.ts';
export type { SkippedKey } from './api-keys/plan-import.ts';
export {
  type ListedSecret,
  listSigningSecrets,
  makeSigningSecret,
  type Rotation,
  rotateSigningSecret,
  signingSecrets,
} from './api-keys/signing-secrets.ts';
export { listViolations, type Violation } from './audit/invariants.ts';
export {
  type AuditActor,
  type AuditEntry,
  type ListedAuditEntry,
  listAuditTrail,
  noteAudit,
} from './audit-trail/audit-trail.ts';
export { type ConnectOptions, connectDatabase, type Database, type Queries } from './connect.ts';
export { REPORT_STATEMENT_MS } from './connection-settings.ts';
export { DatabaseError, type DatabaseErrorCode, isDatabaseAway } from './database-error.ts';
export {
  type DeliveryFilter,
  type DeliveryKind,
  type DeliveryState,
  findDelivery,
  type ListedAttempt,
  type ListedDelivery,
  listAttempts,
  listDeliveries,
  listDeliveriesOfJob,
} from './deliveries/browse-deliveries.ts';
export {
  type ClaimedDelivery,
  claimDelivery,
  type DeliveryAttempt,
  nextDeliveryMs,
  recordDeliveryAttempt,
} from './deliveries/deliveries.ts';
export {
  countDeliveriesToSendAgain,
  SENT_AGAIN_MAX,
  type SentAgain,
  sendDeliveriesAgain,
  sendDeliveryAgain,
} from './deliveries/send-again.ts';
export { countImagesOn, describeServer, type ServerFacts } from './describe-server.ts';
export {
  type CommandFacts,
  type EventFilter,
  type EventRetention,
  eventsMark,
  firstEventNumber,
  type JobEvent,
  noteCommands,
  pruneEvents,
  readEvents,
} from './events/events.ts';
export {
  findBuild,
  findImage,
  findImageDemand,
  type ImageProgress,
  type ImageState,
  imageProgress,
  type KnownImage,
  type ListedBuild,
  type ListedImage,
  listBuilds,
  listImages,
} from './images/browse-images.ts';
export {
  appendBuildLog,
  BUILD_LOG_BYTES_MAX,
  BUILD_LOG_PIECES_MAX,
  type LogPiece,
  readBuildLog,
} from './images/build-log.ts';
export {
  type ClaimedBuild,
  claimBuild,
  nextBuildMs,
  renewBuild,
  type SavedImage,
} from './images/claim-build.ts';
export {
  BUILD_FAULTS_MAX,
  type BuildEnd,
  type BuildLease,
  type BuildTimings,
  endBuild,
  returnBuild,
} from './images/end-build.ts';
export {
  forgetPrunedArchives,
  type ImageRetention,
  listArchives,
  markArchiveLost,
  pruneBuilds,
  pruneImages,
} from './images/prune-images.ts';
export { type ImageRequest, requestImage } from './images/request-image.ts';
export { listUnsettledImages, type Settled, settleHeldJobs } from './images/settle-held-jobs.ts';
export {
  findUsableImage,
  type ImageUse,
  type LineAhead,
  listImagesInLine,
  listImageUses,
  listNeededImages,
  noteImageUse,
  type UsableImage,
} from './images/use-images.ts';
export { installationId } from './installation.ts';
export { CHANNELS, type Channel, type Listener, listenTo } from './listen.ts';
export {
  countImages,
  measureDeliveries,
  measureImageWait,
  measureQueue,
  measureWorkers,
  type QueueDepth,
  type WorkerStrength,
  wantedSlots,
} from './metrics/measure.ts';
export { findSchemaState, migrate, type SchemaState } from './migrate.ts';
export { notifyDeliveries, notifyImages, notifyJobs, notifyRuns } from './notify.ts';
export { findSchemaTrouble, openDatabase } from './open-database.ts';
export { pingDatabase } from './ping.ts';
export {
  type PostgresUrl,
  parsePostgresUrl,
  withoutPrismaParameters,
} from './postgres-url.ts';
export { type Cancelled, cancelJob } from './queue/cancel.ts';
export { type Claim, claimJob, claimWaitingJob } from './queue/claim.ts';
export { type Enqueued, enqueueJob, type NewJob } from './queue/enqueue.ts';
export { findJobs, type JobSearch } from './queue/find-jobs.ts';
export { finishAndClaimJob, finishJob } from './queue/finish.ts';
export {
  findJobId,
  findJobPlace,
  findJobRow,
  findResult,
  type JobRow,
  type ListedResult,
  listResults,
  type StoredTimings,
} from './queue/inspect-job.ts';
export {
  holdJob,
  type KnownContainer,
  listKnownContainers,
  type ReturnReason,
  recordContainer,
  returnJob,
} from './queue/lease.ts';
export type { JobFilter } from './queue/line-up.ts';
export {
  type ListedJob,
  listWaitingJobs,
  type QueueSummary,
  summariseQueue,
  type TimeStats,
} from './queue/list-jobs.ts';
export type { SteeredJob } from './queue/lock-job.ts';
export { countJobs, gradingPace, jobState, nextReleaseMs } from './queue/look.ts';
export { type Moved, moveJob } from './queue/move.ts';
export { regradeJob } from './queue/regrade.ts';
export { renewLease } from './queue/renew-lease.ts';
export type { ClaimedJob, FinishedRun } from './queue/turn.ts';
export { readClock } from './read-clock.ts';
export { type Pruned, prune, type Retention } from './retention/prune.ts';
export {
  type ListedRun,
  type ListedWorker,
  listRuns,
  listWorkers,
} from './workers/browse-workers.ts';
export { workerConnections, workerPoolSize } from './workers/pool-size.ts';
export { type LifeWatch, watchLives } from './workers/watch-lives.ts';
export {
  beatWorker,
  findWorkerToken,
  listLiveWorkers,
  type NewWorker,
  registerWorker,
  retireWorker,
  setWorkerIdle,
} from './workers/workers.ts';
