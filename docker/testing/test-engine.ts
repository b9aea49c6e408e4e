import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { Engine } from '../call-engine.ts';
import { connectEngine } from '../connect-engine.ts';
import { inspectImage } from '../inspect-image.ts';

/** The image that tests make containers and images from. */
export const TEST_IMAGE = 'orca-grader-base:latest';

/** Connects to the engine that everything else is told to use, too; it must have {@link TEST_IMAGE}. */
export async function connectTestEngine(): Promise<Engine> {
  // biome-ignore lint/style/noProcessEnv: tests run on the engine that everything else is told to use, too
  const engine = await connectEngine(process.env['DOCKER_HOST']);
  const image = await inspectImage(engine, TEST_IMAGE);
  assert.ok(image, `Cannot test: "${TEST_IMAGE}" is missing; ./orca test builds it`);
  return engine;
}

const POLL_MS = 100;

/** Waits until something is so, and fails when it is not in time. */
export async function until(isSo: () => Promise<boolean>, what: string, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await isSo())) {
    assert.ok(Date.now() < end, `not within ${timeoutMs} ms: ${what}`);
    await setTimeout(POLL_MS);
  }
}
