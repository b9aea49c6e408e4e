import { fieldAt } from '../answer-fields.ts';
import { callEngine, type Engine } from '../call-engine.ts';

const TIMEOUT_MS = 30_000;

/**
 * All that the engine says of a container's settings, by their names in the Engine API: `inspectContainer` keeps the
 * little that Orca needs.
 */
export async function inspectWhole(
  engine: Engine,
  name: string,
): Promise<{
  readonly config: ReadonlyMap<string, unknown>;
  readonly hostConfig: ReadonlyMap<string, unknown>;
}> {
  const path = `/containers/${name}/json`;
  const answer = await callEngine(engine, { method: 'GET', path, timeoutMs: TIMEOUT_MS });
  return {
    config: new Map(Object.entries(Object(fieldAt(answer, 'Config')))),
    hostConfig: new Map(Object.entries(Object(fieldAt(answer, 'HostConfig')))),
  };
}
