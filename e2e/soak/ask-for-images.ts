import { createHash } from 'node:crypto';
import { callApi } from './call-api.ts';
import type { World } from './start-world.ts';

/** The images of a soak, which are built while it goes on. */
export interface SoakImages {
  /** POSTs a Dockerfile when its image is wanted for the first time; returns the SHA-256. */
  want(image: number, signal: AbortSignal): Promise<string>;
  /** POSTs it once more: a build that our faults ended three times has failed. */
  wantAgain(image: number, signal: AbortSignal): Promise<string>;
}

/** What the image holds at `/opt/made`. */
export function madeIn(image: number): string {
  return `image ${image}`;
}

/** @returns nothing is asked for yet */
export function askForImages({ url, client }: World): SoakImages {
  const asked = new Map<number, Promise<string>>();
  const wantAgain = async (image: number, signal: AbortSignal): Promise<string> => {
    const dockerfile_contents = `FROM orca-grader-base\nRUN echo "${madeIn(image)}" > /opt/made\n`;
    const dockerfile_sha_sum = createHash('sha256').update(dockerfile_contents).digest('hex');
    const body = { dockerfile_contents, dockerfile_sha_sum, response_url: client.imageUrl };
    await callApi({ method: 'POST', url: `${url}/api/v1/grader_images`, body, accepts: [200] }, signal);
    return dockerfile_sha_sum;
  };
  return {
    wantAgain,
    want(image, signal) {
      const asking = asked.get(image) ?? wantAgain(image, signal);
      asked.set(image, asking);
      return asking;
    },
  };
}
