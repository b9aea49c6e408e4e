import type { LogPiece } from '@orca/database';

/** What is held of a build's log: as much as the database keeps of it, the last. */
export const LOG_BYTES_MAX = 1024 * 1024;
/** Lines are put together to pieces of about this size: a command may print byte by byte. */
const PIECE_CHARACTERS = 8 * 1024;

/** The log of one build, in bounded memory however much is printed. */
export interface BuildLog {
  /** Where the build is: `Step 2/3 : RUN make`. */
  readonly step: string;
  /** A step begins; what is printed belongs to it from now on. */
  begin(step: string): void;
  /** Something was printed. */
  print(output: string): void;
  /** What was printed since the last call, as far as it is still held. */
  takeNew(): LogPiece[];
  /** All that is held, a record for each step, in order. */
  steps(): LogPiece[];
}

interface HeldPiece {
  readonly step: string;
  output: string;
  isTaken: boolean;
}

/** Begins a log. */
export function createBuildLog(bytesMax: number = LOG_BYTES_MAX): BuildLog {
  const pieces: HeldPiece[] = [];
  let step = '';
  let bytes = 0;

  const append = (output: string): void => {
    const last = pieces.at(-1);
    const fits = last !== undefined && last.step === step && !last.isTaken;
    if (fits && last.output.length + output.length <= PIECE_CHARACTERS) last.output += output;
    else pieces.push({ step, output, isTaken: false });
    bytes += Buffer.byteLength(output);
    while (bytes > bytesMax && pieces.length > 1) bytes -= Buffer.byteLength(pieces.shift()?.output ?? '');
  };

  return {
    get step() {
      return step;
    },
    begin(name) {
      step = name;
      append('');
    },
    print(output) {
      // A ring drops whole pieces: none may be so long that it takes all others with it.
      for (let at = 0; at < output.length; at += PIECE_CHARACTERS)
        append(output.slice(at, at + PIECE_CHARACTERS));
    },
    takeNew() {
      const fresh = pieces.filter((piece) => !piece.isTaken);
      for (const piece of fresh) piece.isTaken = true;
      return fresh.map((piece) => ({ step: piece.step, output: piece.output }));
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
