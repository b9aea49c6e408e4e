import type { LogPiece } from '@orca/database';

/** What is held of a build's log: as much as the database keeps of it, the last. */
export const LOG_BYTES_MAX = 1024 * 1024;
/** Lines are put together to pieces of about this size: a command may print byte by byte. */
const PIECE_CHARACTERS = 8 * 1024;
/** A command may print what looks like a step of any length, and as many as it wants. */
const STEP_CHARACTERS_MAX = 1_000;
/** What holding a piece costs besides its texts, about: one without any output is not for nothing. */
const PIECE_BYTES = 128;

/** The log of one build, in bounded memory however much is printed. */
export interface BuildLog {
  /** Where the build is: `Step 2/3 : RUN make`. */
  readonly step: string;
  /** A step begins; what is printed belongs to it from now on. */
  begin(step: string): void;
  /** Something was printed. */
  print(output: string): void;
  /**
   * What was printed and is not stored yet, as far as it is still held. Nothing is added to these pieces any more: what is
   * printed while they are being stored is the next call's.
   */
  takeNew(): NewPieces;
  /** All that is held, a record for each step, in order. */
  steps(): LogPiece[];
}

/** What is to be stored of a log. */
export interface NewPieces {
  readonly pieces: LogPiece[];
  /** To be called once they are: until then they are given again. */
  markStored(): void;
}

interface HeldPiece {
  readonly step: string;
  output: string;
  /** Being stored, with the output that it has. */
  isClosed: boolean;
  isStored: boolean;
}

/** Begins a log. */
export function createBuildLog(bytesMax: number = LOG_BYTES_MAX): BuildLog {
  const pieces: HeldPiece[] = [];
  let step = '';
  let bytes = 0;

  const append = (output: string): void => {
    const last = pieces.at(-1);
    const fits = last !== undefined && last.step === step && !last.isClosed;
    if (fits && last.output.length + output.length <= PIECE_CHARACTERS) {
      last.output += output;
      bytes += Buffer.byteLength(output);
    } else {
      const piece = { step, output, isClosed: false, isStored: false };
      pieces.push(piece);
      bytes += bytesOf(piece);
    }
    while (bytes > bytesMax && pieces.length > 1) bytes -= bytesOf(pieces.shift());
  };

  return {
    get step() {
      return step;
    },
    begin(name) {
      step = cutStep(name);
      append('');
    },
    print(output) {
      // A ring drops whole pieces: none may be so long that it takes all others with it.
      for (let at = 0; at < output.length; at += PIECE_CHARACTERS)
        append(output.slice(at, at + PIECE_CHARACTERS));
    },
    takeNew() {
      const fresh = pieces.filter((piece) => !piece.isStored);
      for (const piece of fresh) piece.isClosed = true;
      return {
        pieces: fresh.map((piece) => ({ step: piece.step, output: piece.output })),
        markStored() {
          for (const piece of fresh) piece.isStored = true;
        },
      };
    },
    steps() {
      const steps: LogPiece[] = [];
      for (const { step: of, output } of pieces) {
        const last = steps.at(-1);
        if (last?.step === of) last.output += output;
        else steps.push({ step: of, output });
      }
      return steps;
    },
  };
}

function bytesOf(piece: HeldPiece | undefined): number {
  if (piece === undefined) return 0;
  return PIECE_BYTES + Buffer.byteLength(piece.step) + Buffer.byteLength(piece.output);
}

/** A copy: what is only a slice would keep all of the text in memory. */
function cutStep(name: string): string {
  return Buffer.from(name.slice(0, STEP_CHARACTERS_MAX)).toString();
}
