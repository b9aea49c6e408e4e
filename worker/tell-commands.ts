import { type Logger, sleep } from '@orca/daemon';
import { type CommandFacts, type Database, noteCommands } from '@orca/database';

/** Tells those who follow a job of its commands, while it runs. */
export interface CommandTeller {
  /** Takes a command down; never waits, never throws. */
  tell(facts: CommandFacts): void;
  /** Waits for what is on its way, a moment at most. @returns what has not been told, and will not be by this one */
  end(): Promise<readonly CommandFacts[]>;
}

/** What a run may tell in all, in bytes of JSON: a script of many commands that print much is not shown live to its end. */
const TOLD_BYTES_MAX = 1024 * 1024;

/** What comes within so long, in milliseconds, goes in one write: the commands of a short script end one upon the other. */
const GATHER_MS = 20;

/** What waits for the database while a write is on its way. */
const WAITING_MAX = 100;

/** A result is not held up for longer. */
const END_MS_MAX = 250;

/**
 * Makes a teller for one run. What has gathered while a write was on its way goes with the next one, so that a run has at
 * most one connection for it. What cannot be written is lost: the result has it all.
 */
export function createCommandTeller(
  run: { readonly jobId: number; readonly leaseToken: string },
  { db, log }: { readonly db: Database; readonly log: Logger },
): CommandTeller {
  const waiting: CommandFacts[] = [];
  let bytesLeft = TOLD_BYTES_MAX;
  let writing: Promise<void> | null = null;
  const ending = new AbortController();
  const takeWaiting = (): CommandFacts[] => waiting.splice(0);
  const writeAll = async (): Promise<void> => {
    await sleep(GATHER_MS, ending.signal);
    while (waiting.length > 0 && !ending.signal.aborted) {
      const commands = takeWaiting();
      await noteCommands(db, run, commands).catch((err: unknown) =>
        log.debug({ err, commands: commands.length }, 'commands could not be told of'),
      );
    }
    writing = null;
  };
  return {
    tell(facts) {
      bytesLeft -= Buffer.byteLength(JSON.stringify(facts));
      if (bytesLeft < 0 || waiting.length >= WAITING_MAX) return;
      waiting.push(facts);
      writing ??= writeAll();
    },
    async end() {
      ending.abort();
      if (writing !== null) {
        const over = new AbortController();
        await Promise.race([writing, sleep(END_MS_MAX, over.signal)]);
        over.abort();
      }
      return takeWaiting();
    },
  };
}
