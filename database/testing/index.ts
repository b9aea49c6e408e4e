export { type ClonedDatabase, cloneDatabase } from './clone-database.ts';
export { type CutProxy, startCutProxy } from './cut-proxy.ts';
export { type MadeJob, makeJob } from './make-job.ts';
export { passTime } from './pass-time.ts';
