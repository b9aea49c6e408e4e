import { plainLine, plainText } from '@orca/protocol';
import type { Paint } from '../paint.ts';
import type { LogPiece } from './images-api.ts';

/** Prints a build as it goes on. */
export interface BuildPrinter {
  /** One line about the build, in our own words. */
  line(text: string): void;
  /** What it printed: untrusted, nothing in it reaches the terminal but text. */
  pieces(pieces: readonly LogPiece[]): void;
  /** Another build begins: its steps are named anew. */
  restart(): void;
}

const STEP_CHARACTERS_MAX = 300;

/** Makes a printer: each step is a bold line before what it printed, which may come in parts of lines. */
export function createBuildPrinter(write: (text: string) => unknown, paint: Paint): BuildPrinter {
  let isLineOpen = false;
  let step: string | null = null;
  /** The engine ends the line of a step in what it prints next. */
  let isStepBare = false;
  const line = (text: string): void => {
    write(`${isLineOpen ? '\n' : ''}${text}\n`);
    isLineOpen = false;
  };
  return {
    line,
    pieces(pieces) {
      for (const piece of pieces) {
        if (piece.step !== step) {
          line(paint('bold', plainLine(piece.step, STEP_CHARACTERS_MAX)));
          isStepBare = true;
        }
        step = piece.step;
        const printed = plainText(piece.output);
        const text = isStepBare ? printed.replace(/^\n+/, '') : printed;
        if (text === '') continue;
        isStepBare = false;
        write(text);
        isLineOpen = !text.endsWith('\n');
      }
    },
    restart() {
      step = null;
    },
  };
}
