import { once } from 'node:events';
import { type daemonSettings as DaemonSettings, daemonSettings } from './daemon-settings.ts';
import { loadEnvironment } from './load-environment.ts';
import { createLogger, type Logger } from './logger.ts';
import { type Program, renderHelp, renderSettingsSection } from './render-settings.ts';
import { parseSettings, type SettingsTable, type SettingValues } from './settings.ts';

/** What a daemon gets to start with. */
export interface DaemonContext<T extends SettingsTable> {
  /** Its own settings and those that every daemon has. */
  readonly settings: SettingValues<typeof DaemonSettings> & SettingValues<T>;
  readonly log: Logger;
  /** Aborts when the daemon has been told to stop: take no new work. */
  readonly stopping: AbortSignal;
}

/** A daemon that has started. */
export interface RunningDaemon {
  /** Where it listens, told to its launcher; '' or absent where it does not. */
  readonly address?: string;
  /** Ends the work under way and closes everything; `hurried` aborts when it should not wait any longer. */
  drain(hurried: AbortSignal): Promise<void>;
}

/** A long-running process. */
export interface Daemon<T extends SettingsTable> {
  readonly name: string;
  readonly summary: string;
  readonly settings: T;
  start(context: DaemonContext<T>): Promise<RunningDaemon>;
}

const HOLD_MS = 60_000;
const HELP_FLAGS = ['--help', '-h'];
/** For the reference page of all programs. */
const MARKDOWN_FLAG = '--help-markdown';

/** Aborts `stopping` at the first signal to stop, `hurried` at the second, and ends the process at the third. */
function watchSignals(log: Logger): { stopping: AbortSignal; hurried: AbortSignal } {
  const stopping = new AbortController();
  const hurried = new AbortController();
  const stop = (reason: string): void => {
    if (hurried.signal.aborted) process.exit(1);
    if (stopping.signal.aborted) {
      log.warn({ reason }, 'stopping at once');
      hurried.abort();
      return;
    }
    log.info({ reason }, 'stopping');
    stopping.abort();
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // The channel closes when the launcher dies, however it dies: nobody else would stop this process then.
  process.on('disconnect', () => {
    if (!stopping.signal.aborted) stop('the launcher is gone');
  });
  return { stopping: stopping.signal, hurried: hurried.signal };
}

function exitOnUncaught(log: Logger): void {
  const onError = (err: unknown): void => {
    log.fatal({ err }, 'uncaught error');
    process.exit(1);
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
}

/** Holds the process up until it is told to stop, even while nothing else does: that is what a daemon is. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  const hold = setInterval(() => {}, HOLD_MS);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(hold);
}

/** The help that the arguments ask for, or `null`. */
function chooseHelp(program: Program, args: readonly string[]): string | null {
  if (args.includes(MARKDOWN_FLAG)) return renderSettingsSection(program);
  return args.some((argument) => HELP_FLAGS.includes(argument)) ? renderHelp(program) : null;
}

/** Tells the launcher, if there is one that listens. */
function reportReady(address: string): void {
  // A launcher that died just now is noticed by 'disconnect'.
  if (process.connected) process.send?.({ kind: 'ready', address }, undefined, undefined, () => {});
}

/**
 * Runs a daemon from its start to its end: reads the settings (with `.env`), starts it, says `ready` on the IPC
 * channel where there is one, waits for SIGTERM, SIGINT or the launcher's death, and drains it.
 *
 * `--help` (or `--help-markdown`) prints the settings and returns. All problems of the settings are told together on standard error.
 *
 * @returns when there is nothing left to do after `--help`; otherwise the process ends here: status 0 after an
 *   orderly stop, 1 after wrong settings, a start that failed, an error that nobody caught, or a failed drain
 */
export async function runDaemon<T extends SettingsTable>(daemon: Daemon<T>): Promise<void> {
  const table = { ...daemonSettings, ...daemon.settings };
  const help = chooseHelp({ ...daemon, settings: table }, process.argv.slice(2));
  if (help !== null) {
    process.stdout.write(help);
    return;
  }
  const parsed = parseSettings(table, loadEnvironment());
  if (parsed.kind === 'invalid') {
    process.stderr.write(`${parsed.problems.join('\n')}\n`);
    process.exit(1);
  }
  const settings: DaemonContext<T>['settings'] = parsed.values;
  const pretty = (settings.ORCA_LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json')) === 'pretty';
  const log = createLogger({ name: daemon.name, level: settings.ORCA_LOG_LEVEL, pretty });
  exitOnUncaught(log);
  process.exit(await runToTheEnd(daemon, settings, log));
}

async function runToTheEnd<T extends SettingsTable>(
  daemon: Daemon<T>,
  settings: DaemonContext<T>['settings'],
  log: Logger,
): Promise<number> {
  const { stopping, hurried } = watchSignals(log);
  let running: RunningDaemon;
  try {
    running = await daemon.start({ settings, log, stopping });
  } catch (err) {
    if (stopping.aborted) return 0;
    log.fatal({ err }, 'cannot start');
    return 1;
  }
  log.info({ address: running.address }, 'ready');
  reportReady(running.address ?? '');
  await untilAborted(stopping);
  try {
    await running.drain(hurried);
  } catch (err) {
    log.error({ err }, 'cannot stop in order');
    return 1;
  }
  log.info('stopped');
  return 0;
}
