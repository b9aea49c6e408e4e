import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from './wait-for.ts';

/** Gates of the processes that are started with its settings. */
export interface Gates extends AsyncDisposable {
  /** For the processes that are to stop at these gates. */
  readonly settings: { readonly ORCA_TEST_GATE: string };
  /** Whoever comes to this point from now on stands still there. */
  close(point: string): Promise<void>;
  /** Waits until a process stands at the point. */
  reached(point: string, timeoutMs?: number): Promise<void>;
  /** Lets everybody through again. */
  open(point: string): Promise<void>;
}

const REACH_MS = 60_000;

/** Makes gates that are all open. */
export async function makeGates(): Promise<Gates> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-gates-'));
  const exists = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  return {
    settings: { ORCA_TEST_GATE: folder },
    async close(point) {
      await rm(join(folder, `${point}.reached`), { force: true });
      await writeFile(join(folder, point), '');
    },
    async reached(point, timeoutMs = REACH_MS) {
      await waitFor(`a process at "${point}"`, () => exists(join(folder, `${point}.reached`)), timeoutMs);
    },
    open: (point) => rm(join(folder, point), { force: true }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
