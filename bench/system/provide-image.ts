import { setTimeout as pause } from 'node:timers/promises';
import { imageReference } from '@orca/grading';
import { baseImageSha } from '@orca/protocol';
import type { BenchedSystem } from './start-system.ts';

/** The base image: the same as that of jobs which name no other. */
export const BASE_IMAGE = 'orca-grader-base:latest';

/** How the sentences of the status route begin. */
const READY = 'Your grader image is ready';
const FAILED = 'Your grader image failed';
const BUILD_MS_MAX = 15 * 60_000;
const LOOK_MS = 500;

/**
 * Has an image built, unless it is the base image.
 *
 * @param image.responseUrl of the course site that asks for it
 * @returns its name in the engine
 */
export async function provideImage(
  { api, installationId }: Pick<BenchedSystem, 'api' | 'installationId'>,
  { dockerfile, sha, responseUrl }: { dockerfile: string; sha: string; responseUrl: string },
): Promise<string> {
  if (sha === baseImageSha()) return BASE_IMAGE;
  const request = { dockerfile_contents: dockerfile, dockerfile_sha_sum: sha, response_url: responseUrl };
  await api.call('POST', '/api/v1/grader_images', request);
  const untilMs = performance.now() + BUILD_MS_MAX;
  for (;;) {
    const sentence = String(await api.call('GET', `/api/v1/grader_images/status/${sha}`));
    if (sentence.startsWith(READY)) return imageReference(installationId, sha);
    if (sentence.startsWith(FAILED) || performance.now() > untilMs)
      throw new Error(`Cannot have the image built: ${sentence}`);
    await pause(LOOK_MS);
  }
}
