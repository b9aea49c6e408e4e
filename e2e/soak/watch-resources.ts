import { readdir, readFile } from 'node:fs/promises';
import type { Seat } from './seat.ts';
import type { World } from './start-world.ts';

/** What one process holds at a moment. */
export interface Held {
  readonly residentMib: number;
  readonly files: number;
}

/** What all of it holds at a moment. */
export interface Footprint {
  /** By the name of the seat. */
  readonly processes: ReadonlyMap<string, Held>;
  /** To PostgreSQL. */
  readonly connections: number;
}

/** Looks again and again, and keeps the most. */
export interface ResourceWatch extends AsyncDisposable {
  /** The most that each process held at one moment, by the name of its seat. */
  readonly peaks: ReadonlyMap<string, Held>;
}

const LOOK_EVERY_MS = 1_000;
const KIB_A_MIB = 1_024;

/** What the processes of a world hold now; one that is not there is left out. */
export async function measure({ server, builder, workers, postgres }: World): Promise<Footprint> {
  const processes = new Map<string, Held>();
  for (const seat of [server, builder, ...workers]) {
    const held = await lookAt(seat);
    if (held !== null) processes.set(seat.name, held);
  }
  return { processes, connections: postgres.wire.connections };
}

async function lookAt({ process: { pid } }: Seat): Promise<Held | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    const files = (await readdir(`/proc/${pid}/fd`)).length;
    return resident === undefined ? null : { residentMib: Number(resident) / KIB_A_MIB, files };
  } catch {
    return null; // it has just been killed
  }
}

/** Watches the processes of a world until disposed of. */
export function watchResources(world: World): ResourceWatch {
  const peaks = new Map<string, Held>();
  const look = async (): Promise<void> => {
    for (const [name, held] of (await measure(world)).processes) {
      const peak = peaks.get(name) ?? held;
      peaks.set(name, {
        residentMib: Math.max(peak.residentMib, held.residentMib),
        files: Math.max(peak.files, held.files),
      });
    }
  };
  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY_MS);
  return {
    peaks,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await looking;
    },
  };
}
