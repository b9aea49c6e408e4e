export { type EmbeddedOptions, type EmbeddedPostgres, startPostgres } from './start-postgres.ts';
