import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countImagesOn } from '@orca/database';
import { connectEngine, type ImageState, inspectImage } from '@orca/docker';
import { REPOSITORY } from '../../repository.ts';
import { BASE_DOCKERFILE, BASE_IMAGE, hashInputs, INPUTS_LABEL } from '../../set-up/ensure-base-image.ts';
import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { judgeSeen } from '../look.ts';
import { judgeUnreachable } from './engine.ts';

/** On a worker, another build would be another image than graders were tried on. */
const BUILD =
  'make it on the orchestrator, and copy that to the workers: DEPLOYMENT.md, step 3 (outside of production, ./orca up makes it)';

/** @param inputs the hash of what this checkout makes it of */
export function judgeBaseImage(image: ImageState | null, inputs: string): Verdict {
  if (image === null)
    return fail(`The engine has no image ${BASE_IMAGE}, on which every grader image stands`, BUILD);
  const label = image.labels[INPUTS_LABEL];
  if (label === inputs) return ok(`${BASE_IMAGE} is as this checkout makes it`);
  if (label === undefined) return ok(`${BASE_IMAGE} is there; it was built by hand, so its age is not known`);
  return warn(`${BASE_IMAGE} was made by another checkout, Node or ORCA_BASE_IMAGE`, BUILD);
}

/** Whether grader images that were built elsewhere stand on the base image of this engine. */
export function judgeSameBase({
  ready,
  onBase,
}: {
  readonly ready: number;
  readonly onBase: number;
}): Verdict {
  if (ready === 0) return skipped('no grader image has been built yet');
  if (onBase > 0) return ok(`${onBase} of ${ready} grader images stand on the base image of this engine`);
  return warn(
    `None of the ${ready} grader images stands on the base image of this engine: jobs without an image of their own run on another one here`,
    `copy the one of the image builder: docker save ${BASE_IMAGE} there, docker load here`,
  );
}

async function inputsOf(base: string | undefined): Promise<string> {
  const dockerfile = await readFile(join(REPOSITORY.workerFolder, BASE_DOCKERFILE), 'utf8');
  return hashInputs({ dockerfile, nodeVersion: process.version, base: base ?? '' });
}

/** What every job runs in. */
export const baseImageChecks: readonly Check[] = [
  {
    name: 'base-image',
    roles: EVERYWHERE,
    run: (host) =>
      judgeSeen(host.engine(), async ({ engine }) =>
        judgeBaseImage(await inspectImage(engine, BASE_IMAGE), await inputsOf(host.env['ORCA_BASE_IMAGE'])),
      ),
  },
  {
    name: 'base-image.same',
    roles: ['worker'],
    run: (host) =>
      judgeSeen(host.engine(), async ({ engine }) => {
        const image = await inspectImage(engine, BASE_IMAGE);
        if (image === null) return skipped('there is no base image');
        return judgeSeen(host.seeDatabase(), async ({ db, facts }) =>
          facts.hasSchema
            ? judgeSameBase(await countImagesOn(db, image.layers))
            : skipped('there is no schema yet'),
        );
      }),
  },
  {
    name: 'builds.engine',
    roles: ['orchestrator'],
    async run({ settings, env }, signal) {
      const dockerHost = settings.text('ORCA_BUILD_DOCKER_HOST');
      if (dockerHost === '')
        return skipped('builds use the engine of DOCKER_HOST (ORCA_BUILD_DOCKER_HOST is not set)');
      try {
        const engine = await connectEngine(dockerHost, signal);
        return judgeBaseImage(await inspectImage(engine, BASE_IMAGE), await inputsOf(env['ORCA_BASE_IMAGE']));
      } catch (error) {
        return judgeUnreachable(error, dockerHost);
      }
    },
  },
];
