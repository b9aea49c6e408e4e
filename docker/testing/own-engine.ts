import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectEngine } from '../connect-engine.ts';
import { loadImage, saveImage } from '../image-archive.ts';
import { tagImage } from '../images.ts';
import { inspectImage } from '../inspect-image.ts';
import { dockerdCommand, type OwnEngineOptions } from './dockerd-command.ts';
import { TEST_IMAGE, until } from './test-engine.ts';

const run = promisify(execFile);
const NEVER = new AbortController().signal;
/** Room for the base image and little else. */
const DISK_MIB = 2_048;
const START_MS = 60_000;
/** So much of its log, in characters, says why it did not start. */
const LOG_END = 4_000;

/** A Docker engine that only one test or comparison uses, and may hurt. It has the base image, and no network of any kind. */
export interface OwnEngine extends AsyncDisposable {
  /** For `DOCKER_HOST`. */
  readonly host: string;
  /** Where its images and containers lie: a small disk of its own. */
  readonly dataRoot: string;
  /** Kills it on the spot; what runs in its containers goes on. */
  kill(): Promise<void>;
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** Starts one in namespaces of its own: the machine, and its engine, notice nothing. */
export async function startOwnEngine(options: OwnEngineOptions = {}): Promise<OwnEngine> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'orca-own-engine-'));
  opened.defer(() => removeWithMounts(folder));
  // The root of a remapped container is nobody here, and has to reach its files.
  await chmod(folder, 0o711);
  const dataRoot = join(folder, 'data');
  opened.use(await mountDisk(join(folder, 'disk'), dataRoot));
  const host = `unix://${join(folder, 'docker.sock')}`;
  const command = await dockerdCommand({ folder, dataRoot, host }, options);
  let engine = await startDockerd(folder, host, command);
  opened.defer(() => endShims(folder));
  opened.defer(() => end(engine));
  await copyBaseImage(host);
  const closing = opened.move();
  return {
    host,
    dataRoot,
    async kill() {
      engine.kill('SIGKILL');
      await once(engine, 'exit');
    },
    async start() {
      engine = await startDockerd(folder, host, command);
    },
    freeze: () => void engine.kill('SIGSTOP'),
    thaw: () => void engine.kill('SIGCONT'),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** A file system in a file: what fills it does not fill the machine's. */
async function mountDisk(file: string, at: string): Promise<AsyncDisposable> {
  await using handle = await open(file, 'wx');
  await handle.truncate(DISK_MIB * 1024 * 1024);
  await mkdir(at);
  await run('mkfs.ext4', ['-q', '-m', '0', file]);
  await run('mount', ['-o', 'loop', file, at]);
  return { [Symbol.asyncDispose]: async () => void (await run('umount', ['--lazy', at])) };
}

async function startDockerd(
  folder: string,
  host: string,
  [file = '', ...args]: readonly string[],
): Promise<ChildProcess> {
  await using log = await open(join(folder, 'dockerd.log'), 'a');
  // What a kill left: dockerd believes them, though the numbers may be anybody's by now.
  for (const left of ['dockerd.pid', 'exec/containerd/containerd.pid'])
    await rm(join(folder, left), { force: true });
  const child = spawn(file, args, { stdio: ['ignore', log.fd, log.fd] });
  const answers = async (): Promise<boolean> => {
    if (child.exitCode !== null)
      throw new Error(
        `dockerd has ended:\n${(await readFile(join(folder, 'dockerd.log'), 'utf8')).slice(-LOG_END)}`,
      );
    return connectEngine(host, AbortSignal.timeout(1_000)).then(
      () => true,
      () => false,
    );
  };
  await until(answers, 'an engine of its own', START_MS);
  return child;
}

/** The network namespaces of its containers are mounts, and some outlive it. */
async function removeWithMounts(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(`${folder}/`)).toReversed())
    await run('umount', ['--lazy', mount]);
  await rm(folder, { recursive: true, force: true });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  await exited;
}

/** Whoever watches over a container that an engine forgot when it was killed, and that container. */
async function endShims(folder: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string): Promise<string> =>
      readFile(join('/proc', pid, file), 'utf8').catch(() => '');
    const command = await read('cmdline');
    if (!command.includes('containerd-shim') || !command.includes(`${folder}/`)) continue;
    const children = (await read(`task/${pid}/children`)).split(' ').filter((child) => child !== '');
    for (const one of [...children, pid]) killNow(Number(one));
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The very image, so that its layers are those that the database knows. */
async function copyBaseImage(host: string): Promise<void> {
  const from = await connectEngine();
  const to = await connectEngine(host);
  const image = await inspectImage(from, TEST_IMAGE);
  if (image === null)
    throw new Error(`Cannot start an engine: the machine's has no "${TEST_IMAGE}"; ./orca test makes it`);
  const { ids } = await loadImage(to, await saveImage(from, image.id, NEVER), NEVER);
  for (const id of ids) await tagImage(to, id, TEST_IMAGE);
}
