import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, stop } from 'esbuild';

/** The programs: `container` runs a job there, `process` on the machine itself, `probe` looks at a new image. */
export type HarnessEntry = 'container' | 'process' | 'probe';

/** It takes a tenth of a second. */
const BUNDLE_MS_MAX = 60_000;

const programs = new Map<HarnessEntry, Promise<string>>();
/** What is being bundled, or was. */
let latest: Promise<unknown> = Promise.resolve();

/**
 * Bundles a program of this checkout's harness, as text: it is sent to where it runs, which is never this process. Each is
 * bundled once in a process.
 *
 * @returns CommonJS, for the bootstrap of `protocol/sandbox-plan`
 */
export async function bundleHarness(entry: HarnessEntry = 'container'): Promise<string> {
  const known = programs.get(entry);
  if (known !== undefined) return known;
  // One after the other: who ends the bundler's process while another waits for it, lets that wait for ever.
  const program = latest.then(() => bundle(entry));
  latest = program.catch(() => programs.delete(entry));
  programs.set(entry, program);
  return program;
}

async function bundle(entry: HarnessEntry): Promise<string> {
  const late = sleep(BUNDLE_MS_MAX, null, { ref: false });
  const bundling = build({
    entryPoints: [fileURLToPath(locate(entry))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
  });
  const result = await Promise.race([bundling, late]);
  if (result === null) throw new Error('Cannot bundle the harness: the bundler does not answer');
  // It would be kept as long as the worker lives.
  await stop();
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error('Cannot bundle the harness: the bundler made no file');
  return file.text;
}

function locate(entry: HarnessEntry): string {
  switch (entry) {
    case 'container':
      return import.meta.resolve('@orca/harness/container-entry.ts');
    case 'process':
      return import.meta.resolve('@orca/harness/process-entry.ts');
    case 'probe':
      return import.meta.resolve('@orca/harness/probe-entry.ts');
    default:
      return entry satisfies never;
  }
}
