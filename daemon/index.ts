/** What long-running processes need. */
export { type BackoffOptions, backoff } from './backoff.ts';
export { daemonSettings } from './daemon-settings.ts';
export { createGate, type Gate } from './gate.ts';
export { type Health, type HealthReport, reportHealth } from './health.ts';
export { type KeepDeps, type KeptProcess, keepRunning } from './keep-running.ts';
export { type Environment, loadEnvironment, readEnvFile } from './load-environment.ts';
export { withLaterMetricsPort } from './metrics-port.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { createMetrics, type DeclaredMetric, type GaugeValue, type Metrics } from './metrics.ts';
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
export { openSpanExporter, type Span, type SpanExporter, spanSettings } from './span-exporter.ts';
export { type ProcessSpec, ProcessStartError, startProcess } from './start-process.ts';
export { watchClock } from './watch-clock.ts';
