import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineInfo } from '@orca/docker';

/** The control group that the `RUN`s of one builder are put into. */
export interface BuildGroup extends AsyncDisposable {
  /** As the engine is told; `undefined` where it has no control groups. */
  readonly parent: string | undefined;
  /** Whether there is a limit for the processes in it. */
  readonly isLimited: boolean;
}

const PARENT = 'orca-builds';
/** What systemd calls it; an operator may limit that one by `TasksMax`. */
const SLICE = `${PARENT}.slice`;
const MOUNT = '/sys/fs/cgroup';
/** The controller of processes of version 1; of version 2, all are in one place. */
const CONTROLLERS = ['pids', ''];

/**
 * Makes the control group of a builder, and limits the processes in it. The classic builder takes limits of memory and
 * processor time with a request, and none of processes; but it takes a control group that has one.
 *
 * That works where the engine makes control groups itself, on this machine, and this process may do so too. Elsewhere the
 * limits of memory and time must end a fork bomb.
 *
 * @param options.processesMax of all `RUN`s of the builder together
 */
export async function openBuildGroup(
  { cgroupDriver }: Pick<EngineInfo, 'cgroupDriver'>,
  options: { readonly builderId: string; readonly processesMax: number; readonly isEngineHere: boolean },
  mount = MOUNT,
): Promise<BuildGroup> {
  const unlimited = { isLimited: false, [Symbol.asyncDispose]: async () => {} };
  if (cgroupDriver === 'none') return { ...unlimited, parent: undefined };
  if (cgroupDriver === 'systemd') return { ...unlimited, parent: SLICE };
  const own = join(PARENT, options.builderId);
  const isLimited = options.isEngineHere && (await limitProcesses(mount, own, options.processesMax));
  if (!isLimited) return { ...unlimited, parent: `/${PARENT}` };
  return { parent: `/${own}`, isLimited, [Symbol.asyncDispose]: () => removeGroup(mount, own) };
}

async function limitProcesses(mount: string, group: string, processesMax: number): Promise<boolean> {
  for (const controller of CONTROLLERS) {
    const folder = join(mount, controller, group);
    try {
      // Neither `pids` nor, in a group that has no such controller, `pids.max` is ever made by us.
      await mkdir(join(mount, controller, PARENT)).catch(ignoreExisting);
      await mkdir(folder);
      await writeFile(join(folder, 'pids.max'), String(processesMax), { flag: 'r+' });
      return true;
    } catch {
      await rmdir(folder).catch(() => undefined);
    }
  }
  return false;
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}

/** The engine makes it for every controller. What a builder leaves that crashes is empty, and gone with the next boot. */
async function removeGroup(mount: string, group: string): Promise<void> {
  for (const controller of ['', ...(await readdir(mount))])
    await rmdir(join(mount, controller, group)).catch(() => undefined);
}
