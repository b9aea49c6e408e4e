import type { FlatStep, Folders, JobLimits, LimitHit } from '@orca/protocol';
import type { FileFormat } from '@orca/protocol/sandbox-plan';

/** A fetched file, on the worker's disk. */
export interface SandboxFile {
  /** Its key in `files`. */
  readonly name: string;
  /** What it is called inside: one safe path component. */
  readonly fileName: string;
  /** Where it lies on the worker's disk. */
  readonly path: string;
  readonly bytes: number;
  readonly format: FileFormat;
  readonly replacePaths: boolean;
}

/** What runs in a sandbox: nothing in it is a secret from the commands. */
export interface SandboxJob {
  /** Variables are not replaced yet. */
  readonly steps: readonly FlatStep[];
  readonly imageId: string;
  readonly limits: JobLimits;
  readonly network: 'none' | 'full';
  readonly files: readonly SandboxFile[];
}

/** What a command can write to. */
export type OutputStream = 'stdout' | 'stderr';

/** One command that ran, or was running when its sandbox ended. */
export interface StepReport {
  /** Its index in the job's steps. */
  readonly step: number;
  /** With the variables replaced. */
  readonly cmd: string | readonly string[];
  /** Already cut: the first 768 KiB, a note that says how much was dropped, the last 256 KiB. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Printed on both streams, dropped bytes included. */
  readonly outputBytes: number;
  /** Exit status, −N for signal N, `null` when its time was up or the sandbox ended first. */
  readonly status: number | null;
  readonly timedOut: boolean;
  /** The limit that it hit. */
  readonly limit: LimitHit | null;
  readonly usage: { readonly wallMs: number; readonly cpuMs: number; readonly memoryPeakBytes: number };
  /** False: the sandbox ended under it, and what it printed until then is here. */
  readonly finished: boolean;
}

/** Why a sandbox has nothing more to run. */
export type SandboxEnding =
  | { readonly kind: 'output'; readonly step: number }
  | { readonly kind: 'abort' }
  /** The signal aborted. */
  | { readonly kind: 'stopped' }
  /** An archive that must not be, or cannot be, unpacked. */
  | { readonly kind: 'refused'; readonly file: string; readonly sentence: string }
  /** A limit of the whole job: the submission's doing. */
  | { readonly kind: 'limit'; readonly sentence: string }
  /** Ours: worth another attempt. */
  | { readonly kind: 'failed'; readonly sentence: string; readonly cause?: unknown };

/** What became of a job in a sandbox. */
export interface SandboxReport {
  /** In the order in which they ran. */
  readonly steps: readonly StepReport[];
  readonly ending: SandboxEnding;
  /** Where the three folders were. */
  readonly folders: Folders;
  readonly timings: {
    readonly containerMs: number;
    /** Sending the files, and unpacking them. */
    readonly unpackMs: number;
    readonly commandsMs: number;
  };
}

/** What happens in a sandbox, as it happens. */
export type SandboxEvent =
  /** The job gets a container of this name: one that was started ahead, or one that is about to be made. */
  | { readonly kind: 'container'; readonly name: string; readonly startedAhead: boolean }
  | { readonly kind: 'step_started'; readonly step: number }
  /** A piece of what is printed, as it comes: of each stream its beginning, without what is cut from its middle. */
  | {
      readonly kind: 'step_output';
      readonly step: number;
      readonly stream: OutputStream;
      readonly bytes: Buffer;
    }
  /** `folders`: where its three folders were. */
  | { readonly kind: 'step_finished'; readonly report: StepReport; readonly folders: Folders };

/** A container that a sandbox made once. */
export interface KnownContainer {
  readonly name: string;
  readonly workerId: string;
}

/** Where jobs run: a way to do so, such as containers of an engine. */
export interface Sandbox extends AsyncDisposable {
  /**
   * Runs a job from its files to its end, and leaves nothing of it behind.
   *
   * @returns how it went: what goes wrong is an ending, never thrown
   */
  run(job: SandboxJob, onEvent: (event: SandboxEvent) => void, signal: AbortSignal): Promise<SandboxReport>;
  /** Gives up what is kept ready for jobs to come; it comes back when they do. */
  rest(): void;
  /**
   * Removes what earlier runs of this installation left, on this engine. What `run` is using is never touched.
   *
   * @param isAlive whether somebody still needs it; asked when it is known which there are
   * @returns how many were removed
   * @throws {EngineError}
   */
  removeOrphans(isAlive: (container: KnownContainer) => boolean | Promise<boolean>): Promise<number>;
}
