import { Type } from 'typebox';
import { defineSettings } from './settings.ts';

/** The settings that every daemon has; `runDaemon` adds them to its own. */
export const daemonSettings = defineSettings({
  ENVIRONMENT: {
    schema: Type.Union([Type.Literal('development'), Type.Literal('test'), Type.Literal('production')]),
    default: 'development',
    doc: 'Where this runs: `production` is strict about keys, addresses and migrations.',
  },
  ORCA_LOG_LEVEL: {
    schema: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    doc: 'The least important log lines that are written.',
  },
  ORCA_LOG_FORMAT: {
    schema: Type.Enum(['pretty', 'json']),
    default: null,
    doc: 'How log lines look; unset: pretty on a terminal, JSON otherwise.',
  },
  ORCA_METRICS_PORT: {
    schema: Type.Integer({ minimum: 0, maximum: 65_535 }),
    default: null,
    doc: 'The port of /metrics (Prometheus), /healthz and /readyz of this process; 0 takes a free one; unset: none.',
  },
  ORCA_METRICS_ADDRESS: {
    schema: Type.String(),
    default: '127.0.0.1',
    doc: 'The address that this port is on; it should be one that only the monitoring reaches.',
  },
  ORCA_TEST_GATE: {
    schema: Type.String(),
    default: null,
    doc: 'For tests: a folder in which files stop this process at named points; refused in production.',
  },
});
