import type { FlatStep } from './flatten-script.ts';
import type { Folders } from './path-variables.ts';

// The harness is bundled: this way it gets the one function that it shares with the worker, and no schemas.
export { type Folders, insertFolders } from './path-variables.ts';

// The language between a worker and the harness that it sends into a container. Both are of one checkout (the worker
// brings its own harness), so it has no versions; but what comes out of a container is untrusted all the same.
//
// In:  [u64 length][program], then frames: one `plan`, then one `file` for each of the plan's files, in its order.
//      The input stays open while the job runs: when it ends, the harness kills everything and exits.
// Out: `ready`, `planRead`, `filesReady`, then for each shell step `stepStarted`, output, tails, `stepFinished`; at last `ended`.

/** How a fetched file becomes what commands find in `$EXTRACTED`. */
export type FileFormat = 'zip' | 'tar' | 'tar.gz' | 'gz' | '7z' | 'copy';

/** A file whose bytes follow the plan. */
export interface PlanFile {
  /** Its key in `files`: the folder it lands in. */
  readonly name: string;
  /** What it is called there: one safe path component. */
  readonly fileName: string;
  readonly bytes: number;
  readonly format: FileFormat;
  /** Whether the three variables are replaced in its extracted files. */
  readonly replacePaths: boolean;
}

/** All that the harness is told: nothing in it is a secret from the commands. */
export interface SandboxPlan {
  /** Variables are replaced already. */
  readonly steps: readonly FlatStep[];
  readonly files: readonly PlanFile[];
  readonly folders: Folders;
  /** The writable home, and the image's, whose content it begins with; `null`: it begins empty. */
  readonly home: { readonly path: string; readonly template: string | null };
  /** The whole environment of the commands. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: {
    /** For everything from the plan to the end. */
    readonly wallSeconds: number;
    /** Bytes of all that is unpacked. */
    readonly diskBytes: number;
    /** Files and folders of all that is unpacked. */
    readonly entries: number;
  };
}

/** Of each stream of each command, the bytes that are kept of its beginning and of its end. */
export const OUTPUT_HEAD_BYTES = 768 * 1024;
export const OUTPUT_TAIL_BYTES = 256 * 1024;

/** What a frame holds. */
export const FRAME = {
  /** JSON {@link SandboxPlan}. */
  plan: 1,
  /** The bytes of a file. */
  file: 2,
  /** Empty: the harness runs and waits for its plan, as long as that takes. */
  ready: 16,
  /** Empty: all files are in place. */
  filesReady: 17,
  /** JSON {@link StepStarted}. */
  stepStarted: 18,
  /** Bytes of the running command's beginning, as they come. */
  stdout: 19,
  stderr: 20,
  /** Bytes of its end: sent when it has ended, where there is more than the beginning. */
  stdoutTail: 21,
  stderrTail: 22,
  /** JSON {@link StepFinished}. */
  stepFinished: 23,
  /** JSON {@link HarnessEnding}. */
  ended: 24,
  /** Empty: the plan has come, and the job's time begins. */
  planRead: 25,
} as const;

/** A command is about to run. */
export interface StepStarted {
  /** Its index in the plan's steps. */
  readonly step: number;
}

/** The limits that a command can hit, each told apart by the harness. */
export type CommandLimit = 'memory' | 'pids' | 'disk' | 'step_time' | 'job_time';

/** The file systems that a command in a container can fill. */
export const SANDBOX_DISKS = ['/work', '/tmp', '/dev/shm'] as const;

/** One of them. */
export type SandboxDisk = (typeof SANDBOX_DISKS)[number];

/** A file system on which there is no more room. */
export interface FullDisk {
  readonly path: SandboxDisk;
  /** What ran out. */
  readonly what: 'bytes' | 'files';
  /** How much of that it holds. */
  readonly amount: number;
}

/** A command has ended. */
export interface StepFinished {
  readonly step: number;
  /** Its exit status, −N for signal N, `null` when its time was up. */
  readonly status: number | null;
  readonly limit: CommandLimit | null;
  /** Of the limit `disk`, the one that is full; `null` where one file was to be larger than any file may be. */
  readonly full: FullDisk | null;
  /** What it printed in all, kept or not. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** By how much the memory of all that runs in the container, tmpfs included, grew at most. */
  readonly memoryPeakBytes: number;
}

/** Why the harness has nothing more to do. */
export type HarnessEnding =
  | { readonly kind: 'output'; readonly step: number }
  | { readonly kind: 'abort' }
  /** An archive that must not be, or cannot be, unpacked. */
  | { readonly kind: 'refused'; readonly file: string; readonly sentence: string }
  | { readonly kind: 'job_time' }
  /** The files or the image's home are more than the job's disk holds. */
  | { readonly kind: 'disk' }
  /** Unpacking took more than the job's memory. */
  | { readonly kind: 'memory' }
  /** Ours. */
  | { readonly kind: 'failed'; readonly sentence: string };

/** What an image builder learns of a new image from inside: the one line of JSON that its probe prints. */
export interface ImageProbe {
  /** Of the Node binary that it ran on, hexadecimal. */
  readonly nodeSha256: string;
  /** The user that commands run as, by its number; `null` where the image knows none. */
  readonly userName: string | null;
  /** Why the shell does not work for that user; `null` where it does. */
  readonly shellProblem: string | null;
}

/** `[u32 type][u64 length]`, big-endian. */
export const FRAME_HEADER_BYTES = 12;

/** The beginning of a frame whose bytes are sent afterwards. */
export function frameHeader(type: number, length: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32BE(type, 0);
  header.writeBigUInt64BE(BigInt(length), 4);
  return header;
}

/** A whole frame. */
export function encodeFrame(type: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(type, bytes.length), bytes]);
}

/** A whole frame of JSON. */
export function encodeJsonFrame(type: number, value: unknown): Buffer {
  return encodeFrame(type, Buffer.from(JSON.stringify(value)));
}

/**
 * Reads the beginning of a frame.
 *
 * @param header {@link FRAME_HEADER_BYTES} bytes
 * @returns its length is Infinity where it is more than a number holds exactly
 */
export function decodeFrameHeader(header: Buffer): { type: number; length: number } {
  const length = header.readBigUInt64BE(4);
  return {
    type: header.readUInt32BE(0),
    length: length > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(length),
  };
}

/** The program as the bootstrap expects it. */
export function encodeProgram(program: string): Buffer {
  const bytes = Buffer.from(program);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}

/** What lies in the folder of a job that runs on the machine itself: what commands may write to, and what not. */
export const JOB_FOLDER_PARTS = { work: 'work', pipes: 'pipes' } as const;

/** Who commands are on the machine itself, where we are root: `nobody`, and its group, on every Linux. */
export const UNPRIVILEGED_ID = 65_534;

/**
 * How long a container's harness goes on after its last word, unless it is removed: its exit alone starts three programs of
 * the engine, in whose way the result would be.
 */
export const HARNESS_REST_MS = 100;

/** The argument that makes the program of the machine itself remove the folder that comes after it, and no more. */
export const REMOVE_FOLDER_ROLE = 'remove-folder';

/** The global under which a program finds its own text, to hand it to a process that it starts. */
export const PROGRAM_GLOBAL = 'orcaProgram';

/**
 * JavaScript for `node -e`: reads a length-prefixed CommonJS program from stdin and runs it. It reads exactly that much,
 * so that the program finds what follows; all that an image needs to hold is a Node binary of any age.
 */
export const BOOTSTRAP = [
  "const {readSync} = require('fs');",
  'const read = (size) => {',
  'const bytes = Buffer.alloc(size);',
  'for (let at = 0; at < size;) {',
  'const got = readSync(0, bytes, at, size - at);',
  'if (got === 0) process.exit(1);',
  'at += got;',
  '}',
  'return bytes;',
  '};',
  `globalThis.${PROGRAM_GLOBAL} = read(Number(read(8).readBigUInt64BE())).toString();`,
  `new Function('require', globalThis.${PROGRAM_GLOBAL})(require);`,
].join(' ');
