import { setInterval } from 'node:timers';

/** Tells a person what goes on while something takes long. */
export interface Progress {
  /** One line, for good. */
  say(line: string): void;
  /**
   * Shows that a step is under way, and in the end how long it took. `detail` tells what it is at: shown on a terminal
   * only.
   *
   * @throws what `work` throws, after the line has been ended
   */
  step<T>(what: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>;
}

/** Where progress is written. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 200;
/** How often a log without a terminal is told that a step still runs. */
const REMIND_MS = 30_000;
const DEFAULT_COLUMNS = 80;
const SECOND_MS = 1000;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * Progress on a terminal as one line that is drawn again and again; elsewhere as plain lines, one at the start, one at
 * the end, and a reminder now and then.
 */
export function createProgress(output: ProgressOutput): Progress {
  const draw = output.isTTY === true ? drawOnTerminal : writeLines;
  return {
    say: (line) => void output.write(`${line}\n`),
    async step(what, work) {
      const started = performance.now();
      const seconds = (): string => `${((performance.now() - started) / SECOND_MS).toFixed(0)} s`;
      const drawing = draw(output, what, seconds);
      try {
        const value = await work(drawing.detail);
        drawing.end(`${what}: done after ${seconds()}`);
        return value;
      } catch (error) {
        drawing.end(`${what}: failed after ${seconds()}`);
        throw error;
      }
    },
  };
}

interface Drawing {
  detail(text: string): void;
  end(line: string): void;
}

function drawOnTerminal(output: ProgressOutput, what: string, seconds: () => string): Drawing {
  let detail = '';
  const redraw = (): void => {
    const line = `${what} … ${seconds()}${detail === '' ? '' : `  ${detail}`}`;
    // A line that wraps could not be drawn over.
    output.write(CLEAR_LINE + line.slice(0, (output.columns ?? DEFAULT_COLUMNS) - 1));
  };
  redraw();
  const timer = setInterval(redraw, REDRAW_MS);
  return {
    detail: (text) => {
      detail = firstLine(text);
    },
    end(line) {
      clearInterval(timer);
      output.write(`${CLEAR_LINE}${line}\n`);
    },
  };
}

function writeLines(output: ProgressOutput, what: string, seconds: () => string): Drawing {
  output.write(`${what} …\n`);
  const timer = setInterval(() => output.write(`${what} … ${seconds()}\n`), REMIND_MS);
  return {
    detail: () => undefined,
    end(line) {
      clearInterval(timer);
      output.write(`${line}\n`);
    },
  };
}

/** What programs print may hold anything; a progress line takes the printable part of its first line. */
function firstLine(text: string): string {
  return (text.trim().split(/[\r\n]/, 1)[0] ?? '').replace(/\p{Cc}/gu, '');
}
