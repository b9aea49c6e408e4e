import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage, inspectImage, packContext, removeImage } from '@orca/docker';
import { waitForLock } from '../hold-lock.ts';
import { REPOSITORY } from '../repository.ts';
import { UserError } from '../user-error.ts';
import { type BaseDeps, chooseBase } from './choose-base.ts';

/** The image that every grader image is built from. */
export const BASE_IMAGE = 'orca-grader-base:latest';

/** The label that says what an image was built from. */
export const INPUTS_LABEL = 'orca.inputs';

/** Below worker/. */
export const BASE_DOCKERFILE = 'images/orca-grader-base.Dockerfile';
const NODE = 'images/bin/node';
const EXECUTABLE = 0o755;

/** What the base image is made of. */
export interface BaseInputs {
  readonly dockerfile: string;
  /** Of the Node binary that goes into it, such as `v24.0.0`. */
  readonly nodeVersion: string;
  /** The image that was asked for by `ORCA_BASE_IMAGE`; '' where Orca chooses. */
  readonly base: string;
}

/** Pure: a name for what an image is made of; another name means that it has to be built again. */
export function hashInputs(inputs: BaseInputs): string {
  const { dockerfile, nodeVersion, base } = inputs;
  return createHash('sha256')
    .update(JSON.stringify([dockerfile, nodeVersion, base]))
    .digest('hex');
}

/**
 * Sees to it that the engine has the base image as this checkout makes it; builds it where it has not. One that was built
 * by hand, or loaded, is used as it is: grader images that were built elsewhere may stand on its layers.
 *
 * @throws {UserError} that says what to do when that cannot be
 */
export async function ensureBaseImage(deps: BaseDeps, signal: AbortSignal): Promise<void> {
  const dockerfile = await readFile(join(REPOSITORY.workerFolder, BASE_DOCKERFILE), 'utf8');
  const base = deps.env['ORCA_BASE_IMAGE'] ?? '';
  const hash = hashInputs({ dockerfile, nodeVersion: process.version, base });
  if (await isUsable(deps, hash)) return;
  await using _lock = await waitForLock(
    'set-up of the base image',
    (pid) => deps.progress.say(`Waiting for process ${pid}, which is building the base image`),
    signal,
  );
  if (await isUsable(deps, hash)) return;
  await stageNode(join(REPOSITORY.workerFolder, NODE));
  await build(await chooseBase(dockerfile, deps, signal), hash, deps, signal);
}

/** Whether the engine has an image that is to be used; says so of one that Orca did not build. */
async function isUsable({ engine, progress }: BaseDeps, hash: string): Promise<boolean> {
  const image = await inspectImage(engine, BASE_IMAGE);
  if (image === null) return false;
  const label = image.labels[INPUTS_LABEL];
  if (label !== undefined) return label === hash;
  progress.say(
    `${BASE_IMAGE} was built by hand and is kept; to have Orca build it, remove it first: docker image rm ${BASE_IMAGE}`,
  );
  return true;
}

/** Puts the Node that runs this program where the Dockerfile looks for it, for builds by hand too. */
async function stageNode(target: string): Promise<void> {
  const [ours, staged] = await Promise.all([stat(process.execPath), stat(target).catch(() => null)]);
  if (staged?.size === ours.size && staged.mtimeMs >= ours.mtimeMs) return;
  const temporary = `${target}.${process.pid}`;
  await mkdir(join(target, '..'), { recursive: true });
  try {
    // A second name for the same file where the file system lets us: it is over 100 MB.
    await link(process.execPath, temporary).catch(() => copyFile(process.execPath, temporary));
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function build(base: string, hash: string, deps: BaseDeps, signal: AbortSignal): Promise<void> {
  const former = await inspectImage(deps.engine, BASE_IMAGE);
  const log: string[] = [];
  try {
    await deps.progress.step(`Building ${BASE_IMAGE} on ${base}`, (detail) =>
      buildImage(
        deps.engine,
        {
          context: packContext([
            { name: BASE_DOCKERFILE, content: { path: join(REPOSITORY.workerFolder, BASE_DOCKERFILE) } },
            { name: NODE, content: { path: join(REPOSITORY.workerFolder, NODE) }, mode: EXECUTABLE },
          ]),
          dockerfile: BASE_DOCKERFILE,
          tag: BASE_IMAGE,
          buildArgs: { BASE: base },
          labels: { [INPUTS_LABEL]: hash },
        },
        (piece) => {
          if (piece.kind !== 'step' && piece.kind !== 'output') return;
          log.push(piece.kind === 'step' ? `${piece.text}\n` : piece.text);
          detail(piece.text);
        },
        signal,
      ),
    );
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${log.join('')}\n${reason}, as shown above`, { cause: error });
  }
  // The former one has lost its name and would only take up room; one that a container needs stays.
  const current = await inspectImage(deps.engine, BASE_IMAGE);
  if (former !== null && former.id !== current?.id) await removeImage(deps.engine, former.id);
}
