/** What long-running processes need. */
export { type BackoffOptions, backoff } from './backoff.ts';
export { daemonSettings } from './daemon-settings.ts';
export { type Environment, loadEnvironment, readEnvFile } from './load-environment.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { redactSecrets, redactText } from './redact-secrets.ts';
export { type Program, renderHelp, renderSettingsSection } from './render-settings.ts';
export { type Daemon, type DaemonContext, type RunningDaemon, runDaemon } from './run-daemon.ts';
export {
  defineSettings,
  type ParsedSettings,
  parseSettings,
  type Setting,
  type SettingsTable,
  type SettingValue,
  type SettingValues,
} from './settings.ts';
export { sleep } from './sleep.ts';
