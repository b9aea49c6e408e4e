import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Called at a named point of the work; for tests that kill a process exactly there. */
export type Gate = (point: string) => void;

const LOOK_MS = 10;

/**
 * Makes the gates of a process.
 *
 * A file with the name of a point in the folder closes that gate: the process writes `<point>.reached` with its id, and
 * stands still, as if it were frozen, until the file is gone. Threads of its own go on.
 *
 * @param folder `ORCA_TEST_GATE`; `null`: there are no gates, which costs nothing
 */
export function createGate(folder: string | null): Gate {
  if (folder === null) return () => {};
  const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return (point) => {
    const gate = join(folder, point);
    if (!existsSync(gate)) return;
    writeFileSync(`${gate}.reached`, String(process.pid));
    while (existsSync(gate)) Atomics.wait(sleeper, 0, 0, LOOK_MS);
  };
}
