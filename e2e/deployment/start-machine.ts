import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MACHINES } from './machines.ts';

/** One of the guide's machines: namespaces with folders of their own. */
export type MachineName = keyof typeof MACHINES;

/** A machine that runs. */
export interface Machine {
  readonly name: MachineName;
  /** Its folders and logs, as seen from outside. */
  readonly folder: string;
  /** Runs commands on it as root; returns what they wrote. */
  run(commands: string): Promise<string>;
}

/** Where a machine's engine is. */
export type MachineEngine = { kind: 'none' } | { kind: 'own' } | { kind: 'socket'; path: string };

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Commands that a test ends after this have hung. */
const BLOCK_MS_MAX = 900_000;

/**
 * Starts a machine. It ends with the world that it was started in.
 *
 * @param base the folder of all machines
 */
export async function startMachine(name: MachineName, engine: MachineEngine, base: string): Promise<Machine> {
  const folder = join(base, name);
  await mkdir(join(folder, 'log'), { recursive: true });
  await mkdir(join(folder, 'root'), { recursive: true });
  const env = {
    PATH: `${join(base, 'bin')}:${SYSTEM_PATH}`,
    HOME: '/root',
    LANG: 'C.UTF-8',
    MACHINES: base,
    MACHINE: name,
  };
  const become = join(base, 'bin/become-machine');
  const socket = engine.kind === 'socket' ? engine.path : engine.kind;
  const child = spawn('unshare', ['--mount', '--uts', become, name, MACHINES[name].host, socket], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await untilReady(child, name);
  return {
    name,
    folder,
    // Without --fork `unshare` has become the machine itself: its process has the namespaces.
    run: (commands) => runIn(['nsenter', '--target', String(child.pid), '--mount', '--uts'], commands, env),
  };
}

async function untilReady(child: ChildProcess, name: string): Promise<void> {
  const { stdout } = child;
  if (stdout === null) throw new Error('The output of a machine is piped');
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`Cannot start the machine "${name}": it ended with ${status}`);
  });
  await Promise.race([once(stdout, 'data'), ended]);
  ended.catch(() => undefined);
}

async function runIn(
  [program = '', ...enter]: readonly string[],
  commands: string,
  env: Record<string, string>,
): Promise<string> {
  const bash = ['bash', '-e', '-u', '-o', 'pipefail', '-c', `cd /root\n${commands}`];
  const child = spawn(program, [...enter, ...bash], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BLOCK_MS_MAX,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [status] = await once(child, 'close');
  if (status === 0) return stdout;
  throw new Error(`It ended with ${status}:\n${stdout}\n${stderr}`);
}
