import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { renderHelp, renderSettingsSection } from './render-settings.ts';
import { defineSettings } from './settings.ts';

const program = {
  name: 'orca-worker',
  summary: 'Grades jobs.',
  settings: defineSettings({
    ORCA_LEASE_SECONDS: {
      schema: Type.Integer({ minimum: 3 }),
      default: 30,
      unit: 'seconds',
      doc: 'How long a claim | lasts.',
    },
    POSTGRES_URL: { schema: Type.String(), secret: true, doc: 'The database.' },
    ORCA_RUNTIME: { schema: Type.String(), default: null, doc: 'The runtime.' },
  }),
};

test('renderHelp() names each setting with its value, default and sentence', () => {
  const help = renderHelp(program);
  assert.match(help, /^orca-worker: Grades jobs\.\n/);
  assert.match(
    help,
    /ORCA_LEASE_SECONDS {2}a whole number of at least 3 \(seconds\); 30\n {6}How long a claim/,
  );
  assert.match(help, /POSTGRES_URL {2}a text; required\n/);
  assert.match(help, /ORCA_RUNTIME {2}a text; unset\n/);
});

test('renderSettingsSection() writes one table row a setting, with bars escaped', () => {
  const page = renderSettingsSection(program);
  assert.ok(
    page.includes(
      '| `ORCA_LEASE_SECONDS` | a whole number of at least 3 (seconds) | 30 | How long a claim \\| lasts. |',
    ),
  );
  assert.ok(page.includes('## orca-worker\n\nGrades jobs.\n'));
  assert.ok(page.endsWith('|\n'));
});
