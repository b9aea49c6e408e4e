import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

/**
 * Bundles the harness of this checkout to one program, as text: it is sent into containers and never runs here.
 *
 * @returns CommonJS, for the bootstrap of `protocol/sandbox-plan`
 */
export async function bundleHarness(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(import.meta.resolve('@orca/harness/container-entry.ts'))],
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
