import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { ROOT } from './machines.ts';

/** What the tests look at of a service of `deploy/compose.yaml`. */
export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly group_add?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly stop_grace_period?: string;
}

/** The services of `deploy/compose.yaml` by name, with what they share merged in, as Docker Compose does it. */
export async function readComposeFile(): Promise<Record<string, ComposeService>> {
  const text = await readFile(`${ROOT}deploy/compose.yaml`, 'utf8');
  return parse(text, { merge: true }).services;
}

/** The variables that `deploy/compose.yaml` takes from `.env`. */
export async function variablesOfComposeFile(): Promise<string[]> {
  const text = await readFile(`${ROOT}deploy/compose.yaml`, 'utf8');
  return [...new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name))];
}
