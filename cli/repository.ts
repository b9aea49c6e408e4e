import { join } from 'node:path';

/** Where the parts of this checkout stand. */
export const REPOSITORY = {
  root: join(import.meta.dirname, '..'),
  orchestrator: join(import.meta.dirname, '../orchestrator/main.ts'),
  worker: join(import.meta.dirname, '../worker/main.ts'),
  orchestratorFolder: join(import.meta.dirname, '../orchestrator'),
  workerFolder: join(import.meta.dirname, '../worker'),
  soak: join(import.meta.dirname, '../e2e/soak/soak-main.ts'),
  examples: join(import.meta.dirname, '../examples'),
  programs: join(import.meta.dirname, '../node_modules/.bin'),
  defaultData: join(import.meta.dirname, '../.orca'),
} as const;
