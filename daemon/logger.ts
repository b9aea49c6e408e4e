import { pino } from 'pino';
import { isColorSupported, prettyFactory } from 'pino-pretty';
import { type LineOutput, openLineOutput } from './line-output.ts';
import { redactSecrets, redactText } from './redact-secrets.ts';

/** The logger of a process, or of one job in it (`log.child({ jobId })`). */
export type Logger = pino.Logger;

/** How a logger writes. */
export interface LoggerOptions {
  /** The program, in every line: `server`, `worker`. */
  readonly name: string;
  readonly level: string;
  /** Lines for people; otherwise one JSON object a line. */
  readonly pretty: boolean;
}

const STDOUT = 1;

/** Turns each JSON line into one for people, at once: a line waiting in a buffer is lost in a crash. */
function prettyOutput(plain: LineOutput): LineOutput {
  const prettify = prettyFactory({
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname',
    colorize: isColorSupported,
  });
  return { write: (line) => plain.write(prettify(line)) };
}

/**
 * Makes a logger. It takes out secrets, URL queries and control characters, wherever they stand in a line.
 *
 * @param output where to write, for tests; standard output otherwise, synchronously, so that the last line
 *   before an exit is not lost; what cannot be written there throws nothing
 */
export function createLogger(options: LoggerOptions, output?: LineOutput): Logger {
  const plain = output ?? openLineOutput(STDOUT);
  const log = pino(
    {
      name: options.name,
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: redactSecrets, level: (label) => ({ level: label }) },
      // `err` is a plain object by now, made by the formatter.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          const [first, message, ...rest] = args;
          // pino would repeat an error's own message as the line's, unredacted.
          if (first instanceof Error && message === undefined)
            return method.call(this, { err: first }, 'error');
          const subject = typeof first === 'string' ? redactText(first) : first;
          return method.call(this, subject, message === undefined ? message : redactText(message), ...rest);
        },
      },
    },
    options.pretty ? prettyOutput(plain) : plain,
  );
  // pino gives the fields of child loggers to no formatter. Children inherit this method from their parent.
  const makeChild = log.child;
  log.child = function child(fields, childOptions) {
    return Reflect.apply(makeChild, this, [redactSecrets(fields), childOptions]);
  };
  return log;
}
