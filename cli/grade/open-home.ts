import { hostname } from 'node:os';
import type { Environment } from '@orca/daemon';
import { inspectImage, listImages } from '@orca/docker';
import { createDockerSandbox, createProcessSandbox, type Sandbox } from '@orca/grading';
import { baseImageSha } from '@orca/protocol';
import { BASE_IMAGE } from '../set-up/ensure-base-image.ts';
import { prepareMachine } from '../set-up/prepare-machine.ts';
import type { Progress } from '../set-up/progress.ts';
import { UserError } from '../user-error.ts';
import { isRunning } from '../is-running.ts';
import { type BuildDeps, buildHomeImage } from './build-home-image.ts';

/** Which image a job is to run in; `null`: the one that it names. */
export interface ImageChoice {
  /** Such as `my-grader:latest`. */
  readonly image: string | null;
  /** The path of a Dockerfile, which is built first. */
  readonly dockerfile: string | null;
}

/** What a job runs in, on this machine. */
export interface Home extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /**
   * Finds the image of a job, building it where a Dockerfile was named.
   *
   * @param sha what the job says
   * @returns its id in the engine
   * @throws {UserError} that says what to do when there is none
   */
  chooseImage(sha: string, signal: AbortSignal): Promise<string>;
}

interface HomeSetup {
  readonly env: Environment;
  readonly progress: Progress;
}

/** What builders label grader images with. */
const SHA_LABEL = 'orca.image.sha';

/** Opens a home without containers. @throws {UserError} in production */
export async function openProcessHome({ env, progress }: HomeSetup): Promise<Home> {
  const production = env['ENVIRONMENT'] === 'production';
  const setup = {
    production,
    path: env['PATH'],
    onWarning: (sentence: string) => progress.say(`Warning: ${sentence}`),
    onLeftover: (folder: string) => progress.say(`Warning: the folder ${folder} could not be removed`),
  };
  try {
    const sandbox = await createProcessSandbox(setup);
    return {
      sandbox,
      chooseImage: async () => '',
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  } catch (cause) {
    throw new UserError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * Opens a home of containers, setting up what is missing on this machine. What runs of this command that were killed have
 * left is removed.
 *
 * @throws {UserError} that says what to do when something cannot be set up
 */
export async function openDockerHome(
  choice: ImageChoice,
  { env, progress }: HomeSetup,
  signal: AbortSignal,
): Promise<Home> {
  const engine = await prepareMachine({ env, progress, mayPull: true }, signal);
  const runtime = env['ORCA_CONTAINER_RUNTIME'] || undefined;
  const sandbox = await createDockerSandbox({
    engine,
    // Of all runs on this machine, and of no other machine that uses the same engine.
    installationId: `at-home-${hostname()}`,
    workerId: String(process.pid),
    ...(runtime === undefined ? {} : { runtime }),
    onLeftover: (name) => progress.say(`Warning: the container ${name} could not be removed`),
  });
  await sandbox.removeOrphans(({ workerId }) => isRunning(Number(workerId)));
  return {
    sandbox,
    chooseImage: (sha, stop) => chooseImage({ ...choice, sha }, { engine, progress }, stop),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

async function chooseImage(
  choice: ImageChoice & { readonly sha: string },
  deps: BuildDeps,
  signal: AbortSignal,
): Promise<string> {
  const { image, dockerfile, sha } = choice;
  if (dockerfile !== null) return await buildHomeImage(dockerfile, deps, signal);
  if (image !== null) {
    const found = await inspectImage(deps.engine, image);
    if (found !== null) return found.id;
    throw new UserError(
      `Cannot grade in the image "${image}": the engine has none of this name; "docker images" lists those that it has`,
    );
  }
  const named =
    sha === baseImageSha()
      ? await inspectImage(deps.engine, BASE_IMAGE)
      : (await listImages(deps.engine, { labels: { [SHA_LABEL]: sha } }))[0];
  if (named !== null && named !== undefined) return named.id;
  throw new UserError(
    `Cannot grade in the grader image "${sha}": the engine has it not; name its Dockerfile with --dockerfile, or ` +
      'another image with --image',
  );
}
