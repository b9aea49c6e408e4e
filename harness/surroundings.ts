import type { SandboxDisk } from '@orca/protocol/sandbox-plan';
import type { IsImageProgram } from './image-programs.ts';
import type { Usage } from './measure-usage.ts';

/** Who a process is, as numbers: never looked up in the image. */
export interface CommandUser {
  readonly uid: number;
  readonly gid: number;
}

/** What a harness stands in, and what it may do there. */
export interface Surroundings {
  /** Who commands are, and whoever touches their files; `null`: who the harness is itself. */
  readonly user: CommandUser | null;
  /** File systems that a command can fill. */
  readonly disks: readonly SandboxDisk[];
  /** Where pipes for the output of commands are made: it is not there yet. */
  readonly pipesFolder: string;
  readonly isImageProgram: IsImageProgram;
  /** Starts to measure what commands use. @returns a function that ends it */
  measureUsage(): () => Usage;
  /** Told of each process that is started, which leads a process group of its own. */
  onStarted(processId: number): void;
  /** Kills all that the submission runs; resolves when it is gone. */
  killAll(): Promise<void>;
}
