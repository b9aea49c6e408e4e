import { type Engine, inspectImage } from '@orca/docker';
import { baseImageSha } from '@orca/protocol';

const BASE_IMAGE = 'orca-grader-base:latest';

/** Whether a grader image is in the engine. */
export type EnsuredImage = { kind: 'present'; imageId: string } | { kind: 'missing'; sentence: string };

/** The engine's name for a grader image. */
function imageRef(sha: string): string {
  return sha === baseImageSha() ? BASE_IMAGE : `orca-${sha}`;
}

/**
 * Sees to it that a grader image is in the engine. The base image has to be there already; others will be downloaded
 * here from the orchestrator, once however many jobs wait for one.
 *
 * @param sha SHA-256 of the image's Dockerfile
 * @returns the image's id, or a sentence about what is missing: a fault of ours, not of the job
 * @throws {EngineError} when the engine does not answer as it should
 */
export async function ensureImage(sha: string, deps: { readonly engine: Engine }): Promise<EnsuredImage> {
  const ref = imageRef(sha);
  const image = await inspectImage(deps.engine, ref);
  if (image !== null) return { kind: 'present', imageId: image.id };
  const remedy = ref === BASE_IMAGE ? ': ./orca builds it, or docker build as DEPLOYMENT.md says' : '';
  return {
    kind: 'missing',
    sentence: `Cannot start the grader image: "${ref}" is not in the engine${remedy}`,
  };
}
