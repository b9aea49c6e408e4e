import type { FlatStep } from './flatten-script.ts';
import type { Folders } from './path-variables.ts';

// The harness is bundled: this way it gets the one function that it shares with the worker, and no schemas.
export { type Folders, insertFolders } from './path-variables.ts';

// The language between a worker and the harness that it sends into a container. Both are of one checkout (the worker
// brings its own harness), so it has no versions; but what comes out of a container is untrusted all the same.
//
// In:  [u64 length][program], then frames: one `plan`, then one `file` for each of the plan's files, in its order.
//      The input stays open while the job runs: when it ends, the harness kills everything and exits.
// Out: `ready`, `filesReady`, then for each shell step `stepStarted`, output, tails, `stepFinished`; at last `ended`.

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
  /** The writable home, and the image's, whose content it begins with. */
  readonly home: { readonly path: string; readonly template: string };
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
  /** Empty: the harness runs and waits for its plan. */
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
} as const;

/** A command is about to run. */
export interface StepStarted {
  /** Its index in the plan's steps. */
  readonly step: number;
}

/** The limits that a command can hit, each told apart by the harness. */
export type CommandLimit = 'memory' | 'pids' | 'disk' | 'step_time' | 'job_time';

/** A command has ended. */
export interface StepFinished {
  readonly step: number;
  /** Its exit status, −N for signal N, `null` when its time was up. */
  readonly status: number | null;
  readonly limit: CommandLimit | null;
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
