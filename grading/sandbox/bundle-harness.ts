import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

/** The programs: `container` runs a job there, `process` on the machine itself, `probe` looks at a new image. */
export type HarnessEntry = 'container' | 'process' | 'probe';

/**
 * Bundles a program of this checkout's harness, as text: it is sent to where it runs, which is never this process.
 *
 * @returns CommonJS, for the bootstrap of `protocol/sandbox-plan`
 */
export async function bundleHarness(entry: HarnessEntry = 'container'): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(locate(entry))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
  });
  // Bundling happens once; esbuild would keep its own process as long as the worker lives.
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
