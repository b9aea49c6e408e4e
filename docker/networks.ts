import { stringAt } from './answer-fields.ts';
import { callEngine, type Engine } from './call-engine.ts';
import { isRefusal } from './engine-error.ts';

const NETWORK_TIMEOUT_MS = 30_000;

/**
 * Makes sure of a bridge network whose containers reach the outside, but not one another.
 *
 * @param labels put on it when it is made
 * @returns its id
 * @throws {EngineError}
 */
export async function ensureIsolatedBridge(
  engine: Engine,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const path = `/networks/${encodeURIComponent(name)}`;
  const find = async (): Promise<string | null> => {
    try {
      return stringAt(await callEngine(engine, { method: 'GET', path, timeoutMs: NETWORK_TIMEOUT_MS }), 'Id');
    } catch (error) {
      if (isRefusal(error, 404)) return null;
      throw error;
    }
  };
  const present = await find();
  if (present !== null) return present;
  const json = {
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    Labels: labels,
    Options: { 'com.docker.network.bridge.enable_icc': 'false' },
  };
  try {
    const call = { method: 'POST', path: '/networks/create', body: { json } } as const;
    return stringAt(await callEngine(engine, { ...call, timeoutMs: NETWORK_TIMEOUT_MS }), 'Id');
  } catch (error) {
    // Another worker made it in the meantime.
    const made = isRefusal(error, 409) ? await find() : null;
    if (made !== null) return made;
    throw error;
  }
}
