import { type DestinationStream, destination, pino } from 'pino';
import pretty from 'pino-pretty';
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

/**
 * Makes a logger. It takes out secrets, URL queries and control characters, wherever they stand in a line.
 *
 * @param output where to write, for tests; standard output otherwise, synchronously, so that the last line
 *   before an exit is not lost
 */
export function createLogger(options: LoggerOptions, output?: DestinationStream): Logger {
  const plain = output ?? destination({ fd: STDOUT, sync: true });
  const stream = options.pretty ? pretty({ destination: plain, ...PRETTY }) : plain;
  return pino(
    {
      name: options.name,
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: redactSecrets, bindings: redactSecrets, level: (label) => ({ level: label }) },
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
    stream,
  );
}

const PRETTY = {
  sync: true,
  translateTime: 'SYS:HH:MM:ss.l',
  ignore: 'pid,hostname',
  colorize: true,
} as const;
