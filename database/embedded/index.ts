export { type EmbeddedOptions, type EmbeddedPostgres, startPostgres } from './start-postgres.ts';
export { removeData as removePostgres } from './choose-place.ts';
export { findRunningPostgres } from './find-running.ts';
