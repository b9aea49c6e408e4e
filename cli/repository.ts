import { join } from 'node:path';

/** Where the parts of this checkout stand. */
export const REPOSITORY = {
  root: join(import.meta.dirname, '..'),
  server: join(import.meta.dirname, '../orchestrator/main.ts'),
  worker: join(import.meta.dirname, '../worker/main.ts'),
  workerFolder: join(import.meta.dirname, '../worker'),
  examples: join(import.meta.dirname, '../examples'),
  programs: join(import.meta.dirname, '../node_modules/.bin'),
  defaultData: join(import.meta.dirname, '../.orca'),
} as const;
