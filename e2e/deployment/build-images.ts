import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startEnvironment } from '../kit/start-process.ts';
import { ROOT } from './machines.ts';

/** The label that all images of one test bear, those of the Dockerfile's inner stages too. */
const LABEL = 'orca.test';
const OUTPUT_BYTES_MAX = 50_000_000;

/** Plays `npm ci --omit=dev` where no registry is in reach: what it would install lies there. */
const NPM = '#!/bin/sh\n[ "$*" = "ci --omit=dev" ] || exit 1\ncp -a /opt/packages/node_modules .\n';

/** Runs `docker`; returns what it wrote. */
export async function docker(...args: string[]): Promise<string> {
  // The classic builder: the newer one is a package of its own, which is not everywhere.
  const env = { ...startEnvironment({}), DOCKER_BUILDKIT: '0' };
  const options = { env, maxBuffer: OUTPUT_BYTES_MAX };
  const { stdout, stderr } = await promisify(execFile)('docker', args, options);
  return (args[0] === 'logs' ? stdout + stderr : stdout).trim();
}

/** The images of a test. */
export interface TestImages extends AsyncDisposable {
  /** Builds a target of `deploy/orca.Dockerfile`; returns the image's name. */
  build(target: string): Promise<string>;
}

/**
 * Prepares images: an image with Node and the packages of this checkout takes the place of Node's own from a registry.
 *
 * @param id names this test among others
 */
export async function openImages(id: string): Promise<TestImages> {
  await using opened = new AsyncDisposableStack();
  opened.defer(() => removeImages(id));
  const folder = await mkdtemp(join(tmpdir(), 'orca-node-image-'));
  opened.defer(() => rm(folder, { recursive: true }));
  await copyPackages(folder);
  await cp(process.execPath, join(folder, 'node'));
  await writeFile(join(folder, 'npm'), NPM, { mode: 0o755 });
  const dockerfile = [
    'FROM orca-grader-base:latest',
    `LABEL ${LABEL}=${id}`,
    // The harness's Node has its home where Orca would stand.
    'RUN rm -rf /opt/orca',
    'COPY node npm /usr/local/bin/',
    'COPY node_modules /opt/packages/node_modules',
  ].join('\n');
  await writeFile(join(folder, 'Dockerfile'), dockerfile);
  const base = `orca-test-${id}:node`;
  await docker('build', '--quiet', '--force-rm', '--tag', base, folder);
  const kept = opened.move();
  return {
    async build(target) {
      const name = `orca-test-${id}:${target}`;
      const file = join(ROOT, 'deploy/orca.Dockerfile');
      const what = ['--file', file, '--target', target, '--build-arg', `BASE=${base}`, '--tag', name];
      await docker('build', '--quiet', '--force-rm', ...what, ROOT);
      return name;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Copies the packages that are not for development only, as the lock file has them. */
async function copyPackages(folder: string): Promise<void> {
  const lock: unknown = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const [path, about] of packagesIn(lock)) {
    if (!path.startsWith('node_modules/') || about.dev === true) continue;
    await mkdir(join(folder, dirname(path)), { recursive: true });
    // Packages for other systems are in the lock file, and not here.
    await cp(join(ROOT, path), join(folder, path), { recursive: true, verbatimSymlinks: true }).catch(
      (error) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
  }
}

function packagesIn(lock: unknown): [string, { dev?: boolean }][] {
  if (typeof lock !== 'object' || lock === null || !('packages' in lock)) return [];
  return Object.entries(lock.packages ?? {});
}

async function removeImages(id: string): Promise<void> {
  const list = async (): Promise<string[]> => {
    const images = await docker('images', '--all', '--quiet', '--filter', `label=${LABEL}=${id}`);
    return [...new Set(images.split('\n').filter((line) => line !== ''))];
  };
  // With an image its nameless parents go, and one that others stand on goes after them.
  for (let left = await list(), before = Number.POSITIVE_INFINITY; left.length > 0; left = await list()) {
    if (left.length >= before) throw new Error(`Cannot remove the images of a test: ${left.join(', ')} stay`);
    before = left.length;
    await docker('rmi', '--force', ...left).catch(() => undefined);
  }
}
