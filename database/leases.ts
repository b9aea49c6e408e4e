/** What the thread that keeps leases alive needs, and no more: every thread loads what it imports anew. */
export { connectDatabase, type Database } from './connect.ts';
export { isLockTimeout } from './database-error.ts';
export { renewLease } from './queue/renew-lease.ts';
