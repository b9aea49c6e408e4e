import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@orca/daemon';
import { type Engine, EngineError, importImage, inspectImage, pullImage } from '@orca/docker';
import { UserError } from '../user-error.ts';
import { canInstallPackages, installPackages, readOsRelease } from './install-packages.ts';
import type { Progress } from './progress.ts';
import { runProgram } from './run-program.ts';

/** What choosing a base needs. */
export interface BaseDeps {
  readonly engine: Engine;
  readonly env: Environment;
  readonly progress: Progress;
  /** Whether a registry may be asked. */
  readonly mayPull: boolean;
}

/** The root file system that we make where no registry answers. */
const DEBIAN_IMAGE = 'orca-debian:12';
const DEBIAN_RELEASE = 'bookworm';

/** Where Debian's own package sources stand, not those that were added to them. */
const SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

/** A registry that has said nothing for so long is out of reach. */
const PULL_SILENCE_MS = 15_000;

/**
 * The base that a Dockerfile names itself: `ARG BASE=ubuntu:22.04`.
 *
 * @throws {Error} when it has no such line
 */
export function defaultBaseOf(dockerfile: string): string {
  const base = /^ARG BASE=(\S+)$/m.exec(dockerfile)?.[1];
  if (base === undefined)
    throw new Error('Cannot read the base of the Dockerfile: it has no line "ARG BASE=…"');
  return base;
}

/**
 * Finds an image to build the base image on, and sees to it that the engine has it: the one in `ORCA_BASE_IMAGE`; else
 * the Dockerfile's own, from the engine or a registry; else a Debian 12 made from this machine's package sources.
 *
 * @returns its reference
 * @throws {UserError} that says what to do when there is none
 */
export async function chooseBase(dockerfile: string, deps: BaseDeps, signal: AbortSignal): Promise<string> {
  const wanted = deps.env['ORCA_BASE_IMAGE'] || undefined;
  if (wanted !== undefined) {
    if ((await inspectImage(deps.engine, wanted)) !== null) return wanted;
    const problem = await pull(wanted, deps, signal);
    if (problem === null) return wanted;
    throw new UserError(
      `${problem}. ORCA_BASE_IMAGE says to use this image: load it, or unset ORCA_BASE_IMAGE`,
    );
  }
  const ours = defaultBaseOf(dockerfile);
  // A Debian that was made here stays in use: asking a registry that was out of reach would only take time.
  for (const known of [ours, DEBIAN_IMAGE])
    if ((await inspectImage(deps.engine, known)) !== null) return known;
  if (deps.mayPull) {
    if ((await pull(ours, deps, signal)) === null) return ours;
    deps.progress.say(`No registry has ${ours} for us: a Debian 12 made here does instead`);
  }
  await makeDebian(deps, signal);
  return DEBIAN_IMAGE;
}

/** Fetches an image from its registry. Returns what hindered it in a sentence, or `null`. */
async function pull(reference: string, deps: BaseDeps, signal: AbortSignal): Promise<string | null> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), PULL_SILENCE_MS);
  const patience = AbortSignal.any([signal, silent.signal]);
  try {
    await deps.progress.step(`Fetching ${reference}`, (detail) => {
      const onProgress = (line: string): void => {
        timer.refresh();
        detail(line);
      };
      return pullImage(deps.engine, reference, onProgress, patience);
    });
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (silent.signal.aborted) return `Cannot fetch "${reference}": the registry does not answer`;
    if (error instanceof EngineError) return error.message;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function makeDebian(deps: BaseDeps, signal: AbortSignal): Promise<void> {
  if (!canInstallPackages(await readOsRelease(), process.getuid?.()))
    throw new UserError(
      'Cannot make a base image: no registry answers, and only root on Debian or Ubuntu can do without one. ' +
        'Load an image of Debian or Ubuntu into the engine and name it in ORCA_BASE_IMAGE',
    );
  const programs = await runProgram(['mmdebstrap', '--version'], { env: deps.env }, signal);
  if (programs.kind === 'missing')
    await installPackages(['mmdebstrap', 'debian-archive-keyring'], deps, signal);
  const folder = await mkdtemp(join(tmpdir(), 'orca-debian-'));
  try {
    const tar = join(folder, 'root.tar');
    await deps.progress.step('Making a Debian 12 root file system', (detail) =>
      bootstrap(tar, { env: deps.env, onLine: detail }, signal),
    );
    await deps.progress.step(`Importing it as ${DEBIAN_IMAGE}`, () =>
      importImage(deps.engine, createReadStream(tar), DEBIAN_IMAGE, signal),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bootstrap(
  tar: string,
  options: { readonly env: Environment; readonly onLine: (line: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const end = await runProgram(
    [
      'mmdebstrap',
      '--variant=minbase',
      '--include=ca-certificates',
      DEBIAN_RELEASE,
      tar,
      ...(await findSources()),
    ],
    options,
    signal,
  );
  if (end.kind === 'failed')
    throw new UserError(
      `${end.tail}\nCannot make a Debian 12 root file system: mmdebstrap ended with status ${end.status}, as shown above`,
    );
}

/**
 * The file with this machine's sources of Debian 12: its mirror may be the only one in reach. None on another release,
 * where mmdebstrap takes Debian's usual mirror.
 */
async function findSources(): Promise<string[]> {
  for (const path of SOURCES) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (new RegExp(`^[^#]*\\b${DEBIAN_RELEASE}\\b`, 'm').test(text)) return [path];
  }
  return [];
}
