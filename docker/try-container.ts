import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Engine } from './call-engine.ts';
import { createContainer, removeContainer, startContainer } from './containers.ts';
import { EngineError, isRefusal } from './engine-error.ts';
import { importImage, removeImage } from './images.ts';
import { plainContainer } from './plain-container.ts';

/** A tar archive without entries: two empty blocks. */
const EMPTY_TAR = Buffer.alloc(1_024);
/** An engine does it in some tens of milliseconds. */
const IMPORT_TIMEOUT_MS = 30_000;

/**
 * Makes an image with nothing in it, to see whether the engine can write.
 *
 * @throws {EngineError} `engine_timeout` after 30 s unless told otherwise
 * @throws the signal's reason when it aborts
 */
export async function importEmptyImage(
  engine: Engine,
  reference: string,
  signal: AbortSignal,
  timeoutMs: number = IMPORT_TIMEOUT_MS,
): Promise<void> {
  const late = AbortSignal.timeout(timeoutMs);
  const inTime = AbortSignal.any([signal, late]);
  try {
    await importImage(engine, Readable.from([EMPTY_TAR]), reference, inTime);
  } catch (cause) {
    if (signal.aborted || !late.aborted) throw cause;
    const message = `Cannot import "${reference}": no answer within ${timeoutMs} ms`;
    throw new EngineError('engine_timeout', message, { cause });
  }
}

/**
 * Has the engine do once what it does for each job: makes a container, starts it and removes it. What it refuses counts as
 * an answer; the question is whether it answers in time. There is no program in the container.
 *
 * @param probe.image a name of its own for the empty image, which is made for this and removed
 * @param probe.labels of the container: by these a sweep finds one that the engine made too late
 * @throws {EngineError} such as `engine_timeout`, never `engine_refused`
 * @throws the signal's reason when it aborts
 */
export async function tryContainer(
  engine: Engine,
  probe: { readonly image: string; readonly labels: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<void> {
  const name = `orca-probe-${randomUUID()}`;
  const steps = [
    () => importEmptyImage(engine, probe.image, signal),
    () => createContainer(engine, name, plainContainer({ ...probe, program: ['/nothing'] }), signal),
    () => startContainer(engine, name, signal),
    () => removeContainer(engine, name),
    () => removeImage(engine, probe.image),
  ];
  for (const step of steps)
    await step().catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
    });
}
