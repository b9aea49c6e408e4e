import { endOfLog } from '../kit/end-of-log.ts';
import type { OrcaProcess } from '../kit/start-process.ts';

/**
 * A place for a process that is started again when it was ended, as a supervisor does it.
 *
 * Whatever is done to a process throws when it has ended by itself before.
 */
export interface Seat {
  readonly name: string;
  /** The process that has the place now. */
  readonly process: OrcaProcess;
  /** All that its processes wrote so far. */
  log(): string;
  /** Kills it on the spot. */
  kill(): Promise<void>;
  /** Sends SIGTERM and waits for the end; returns the exit status. */
  stop(): Promise<number | null>;
  freeze(): void;
  thaw(): void;
  /** Starts the next one. */
  start(): Promise<void>;
}

const STARTS_MAX = 5;

/**
 * Takes a place, and starts the first process there.
 *
 * @param launch starts a process and waits until it is ready
 */
export async function takeSeat(name: string, launch: () => Promise<OrcaProcess>): Promise<Seat> {
  let earlier = '';
  let process = await launch();
  const alive = (): OrcaProcess => {
    if (!process.isRunning()) throw new Error(`The ${name} has ended by itself:\n${endOfLog(process.log())}`);
    return process;
  };
  return {
    name,
    get process() {
      return process;
    },
    log: () => earlier + process.log(),
    // `async`, so that what `alive` throws is a rejection.
    kill: async () => alive().kill(),
    stop: async () => alive().stop(),
    freeze: () => alive().signal('SIGSTOP'),
    thaw: () => process.signal('SIGCONT'),
    async start() {
      earlier += process.log();
      // What it needs may just be coming back itself.
      for (let starts = 1; ; starts += 1)
        try {
          process = await launch();
          return;
        } catch (error) {
          if (starts === STARTS_MAX) throw error;
        }
    },
  };
}
