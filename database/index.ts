export { type ConnectOptions, connectDatabase, type Database, type Queries } from './connect.ts';
export { DatabaseError, type DatabaseErrorCode, isDatabaseAway } from './database-error.ts';
export { installationId } from './installation.ts';
export { CHANNELS, type Channel, type Listener, listenTo } from './listen.ts';
export { findSchemaState, migrate, type SchemaState } from './migrate.ts';
export { notifyDeliveries, notifyJobs, notifyRuns } from './notify.ts';
export { withoutPrismaParameters } from './postgres-url.ts';
