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
});
