import { once } from 'node:events';
import { checkFolders } from './check-folders.ts';
import { type daemonSettings as DaemonSettings, daemonSettings } from './daemon-settings.ts';
import { type Environment, loadEnvironment } from './load-environment.ts';
import { endWithOutput } from './end-with-output.ts';
import { createGate, type Gate } from './gate.ts';
import { type Health, type HealthDeps, serveHealth } from './health.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type Program, renderHelp, renderSettingsSection } from './render-settings.ts';
import { lookAtSettings, parseSettings, type SettingsTable, type SettingValues } from './settings.ts';

/** What a daemon gets to start with. */
export interface DaemonContext<T extends SettingsTable> {
  /** Its own settings and those that every daemon has. */
  readonly settings: SettingValues<typeof DaemonSettings> & SettingValues<T>;
  readonly log: Logger;
  /** What it counts and measures; served where `ORCA_METRICS_PORT` says. */
  readonly metrics: Metrics;
  /** Called at points where a test may want to kill it. */
  readonly gate: Gate;
  /** Aborts when the daemon has been told to stop: take no new work. */
  readonly stopping: AbortSignal;
}

/** A daemon that has started. */
export interface RunningDaemon {
  /** Where it listens, told to its launcher; '' or absent where it does not. */
  readonly address?: string;
  /** What it needs to do its work, and what of that is wrong now. */
  checkHealth?(): Promise<Health>;
  /** Ends the work under way and closes everything; `hurried` aborts when it should not wait any longer. */
  drain(hurried: AbortSignal): Promise<void>;
}

/** A long-running process. */
export interface Daemon<T extends SettingsTable> {
  readonly name: string;
  readonly summary: string;
  readonly settings: T;
  /** Arguments that stand for a setting each, such as `--no-container`; they go before the environment. */
  readonly flags?: Readonly<Record<string, Environment>>;
  /** It only starts others, which have the port for their metrics. */
  readonly hasNoMetrics?: true;
  /** Imports what `start` does, and does nothing else. */
  load?(): Promise<unknown>;
  start(context: DaemonContext<T>): Promise<RunningDaemon>;
}

/** What `/readyz` is told before a daemon can work. */
const STARTING: Health = { start: 'it is not over yet' };

const HOLD_MS = 60_000;
const HELP_FLAGS = ['--help', '-h'];
/** For the reference page of all programs. */
const MARKDOWN_FLAG = '--help-markdown';
/** For who asks how this program would run here, such as `orca doctor`. */
const SETTINGS_FLAG = '--print-settings';
/** For `start-program.sh`: all that it runs is compiled then, and kept where Node keeps such. */
const LOAD_FLAG = '--load-only';

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
  const stopOnce = (reason: string): void => {
    if (!stopping.signal.aborted) stop(reason);
  };
  // A terminal that goes away tells its programs, and a shell tells them again: nobody is in a hurry.
  process.on('SIGHUP', () => stopOnce('SIGHUP'));
  // The channel closes when the launcher dies, however it dies: nobody else would stop this process then.
  process.on('disconnect', () => stopOnce('the launcher is gone'));
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

function settingsOf(flags: Readonly<Record<string, Environment>>): Environment {
  const given = Object.entries(flags).filter(([flag]) => process.argv.slice(2).includes(flag));
  return Object.assign({}, ...given.map(([, settings]) => settings));
}

/** Tells the launcher, if there is one that listens. */
function reportReady(address: string): void {
  // A launcher that died just now is noticed by 'disconnect'.
  if (process.connected) process.send?.({ kind: 'ready', address }, undefined, undefined, () => {});
}

/**
 * Runs a daemon from its start to its end: reads the settings (with `.env`), starts it, says `ready` on the IPC
 * channel where there is one, waits for SIGTERM, SIGINT, the terminal's end or the launcher's death, and drains it.
 *
 * `--help` (or `--help-markdown`) prints what can be set and returns, `--print-settings` what is set, without secrets;
 * `--load-only` returns when all that the program runs has been imported. All problems of the settings are told together on standard error, folders among them that cannot be written to.
 *
 * @returns when there is nothing left to do after one of these flags; otherwise the process ends here: status 0 after an
 *   orderly stop, 1 after wrong settings, a start that failed, an error that nobody caught, or a failed drain
 */
export async function runDaemon<T extends SettingsTable>(daemon: Daemon<T>): Promise<void> {
  const table = { ...daemonSettings, ...daemon.settings };
  const help = chooseHelp({ ...daemon, settings: table }, process.argv.slice(2));
  if (help !== null) {
    endWithOutput();
    process.stdout.write(help);
    return;
  }
  if (process.argv.slice(2).includes(LOAD_FLAG)) {
    await daemon.load?.();
    return;
  }
  const env = { ...loadEnvironment(), ...settingsOf(daemon.flags ?? {}) };
  if (process.argv.slice(2).includes(SETTINGS_FLAG)) {
    endWithOutput();
    process.stdout.write(`${JSON.stringify(lookAtSettings(table, env))}\n`);
    return;
  }
  const parsed = parseSettings(table, env);
  const folderProblems = await checkFolders(table, env);
  if (parsed.kind === 'invalid' || folderProblems.length > 0) {
    const problems = [...(parsed.kind === 'invalid' ? parsed.problems : []), ...folderProblems];
    process.stderr.write(`${problems.join('\n')}\n`);
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
  const metrics = createMetrics();
  let running: RunningDaemon | null = null;
  await using opened = new AsyncDisposableStack();
  try {
    if (settings.ENVIRONMENT === 'production' && settings.ORCA_TEST_GATE !== null)
      throw new Error('Cannot use ORCA_TEST_GATE in production: it stops the process where a test says');
    const gate = createGate(settings.ORCA_TEST_GATE);
    const checkHealth = async (): Promise<Health> =>
      running === null ? STARTING : ((await running.checkHealth?.()) ?? {});
    // First: one whose port is taken must not begin work that it leaves behind at once, again and again.
    opened.use(await serveMetrics(daemon, settings, { metrics, checkHealth, log }));
    running = await daemon.start({ settings, log, metrics, gate, stopping });
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

/** Serves what monitoring asks for, where the settings say so. */
async function serveMetrics<T extends SettingsTable>(
  { hasNoMetrics }: Daemon<T>,
  settings: DaemonContext<T>['settings'],
  { log, ...deps }: HealthDeps & { log: Logger },
): Promise<AsyncDisposable | null> {
  const { ORCA_METRICS_PORT: port, ORCA_METRICS_ADDRESS: host } = settings;
  if (port === null || hasNoMetrics === true) return null;
  const served = await serveHealth({ host, port }, deps);
  log.info({ metrics: served.address }, 'metrics and health are served');
  return served;
}
