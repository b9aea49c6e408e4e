import { join } from 'node:path';
import {
  type DaemonContext,
  type KeepDeps,
  keepRunning,
  loadEnvironment,
  type ProcessSpec,
  type RunningDaemon,
  type SettingsTable,
  withLaterMetricsPort,
} from '@orca/daemon';
import { imageBuilderSettings } from './image-builder/image-builder-settings.ts';
import { serverSettings } from './server-settings.ts';

/** The settings of `main.ts start`: those of both processes, so that what is wrong in either is told once, first. */
export const orchestratorSettings = { ...serverSettings, ...imageBuilderSettings } satisfies SettingsTable;

const MAIN = join(import.meta.dirname, 'main.ts');

/** The server drains in 15 s, the builder puts its builds back at once. */
const PATIENCE_MS = 30_000;

/**
 * Starts the image builder and then the server, each as a process of its own, and keeps both up: one that dies is
 * started again and does not take the other down. The server comes last, so that nothing listens when the other does
 * not start.
 *
 * Draining: both are told to stop, at the same time; one that does not end in time is killed.
 *
 * @returns where the server listens
 * @throws {ProcessStartError} when one of them does not start; the other has been stopped then
 */
export async function startOrchestrator({
  log,
  stopping,
}: DaemonContext<typeof orchestratorSettings>): Promise<RunningDaemon> {
  const neverHurried = new AbortController().signal;
  const deps: KeepDeps = {
    say: (what) => log.warn({ what }, 'a process has to be started again'),
    onStarted: async (name, pid) => log.info({ process: name, pid }, 'process started'),
  };
  const builder = await keepRunning(imageBuilderSpec, deps, stopping);
  const server = await keepRunning(serverSpec, deps, stopping).catch(async (error) => {
    await builder.stop(PATIENCE_MS, neverHurried);
    throw error;
  });
  return {
    address: server.address,
    async drain(hurried) {
      await Promise.all([builder, server].map((kept) => kept.stop(PATIENCE_MS, hurried)));
    },
  };
}

function imageBuilderSpec(): ProcessSpec {
  const program = [MAIN, 'image-builder'] as const;
  const env = withLaterMetricsPort(loadEnvironment(), 1);
  return { name: 'the image builder', program, env, output: 'inherit' };
}

/** It comes back on the port that clients and workers know, also where any free one was asked for. */
function serverSpec(address: string): ProcessSpec {
  const env = loadEnvironment();
  return {
    name: 'the server',
    program: [MAIN, 'server'],
    env: address === '' ? env : { ...env, API_PORT: new URL(address).port },
    output: 'inherit',
  };
}
