import { JOB_FOLDER_PARTS, REMOVE_FOLDER_ROLE, UNPRIVILEGED_ID } from '@orca/protocol/sandbox-plan';
import { measureChildren } from './measure-children.ts';
import { runPlacingChild } from './place-files-child.ts';
import { PLACE_FILES_ROLE } from './place-files-role.ts';
import { playHarness } from './play-harness.ts';
import { createProcessGroups } from './process-groups.ts';
import { removeJobFolder } from './remove-job-folder.ts';

// The program of the sandbox that is none: a process of the developer's own machine, beside everything else that runs
// there. It kills process groups that it has made itself, and nothing else; whatever happens, it removes the folder that
// it was given.

/** Who commands are: where the harness is root, nobody in particular. */
const user = process.getuid?.() === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : null;

const [, role, argument] = process.argv;

async function main(folder: string): Promise<void> {
  const groups = createProcessGroups();
  let tidying: Promise<void> | null = null;
  const tidyUp = (): Promise<void> => {
    tidying ??= groups.killAll().then(() => removeJobFolder(folder, user));
    return tidying;
  };
  const surroundings = {
    user,
    // What else is on this disk is not the submission's doing.
    disks: [],
    pipesFolder: `${folder}/${JOB_FOLDER_PARTS.pipes}`,
    // There is no image, and what lies on this machine may change.
    isImageProgram: () => false,
    measureUsage: measureChildren,
    onStarted(id: number) {
      groups.add(id);
      // The command that was killed may have been followed by another one.
      if (tidying !== null) groups.killOnce();
    },
    killAll: groups.killAll,
  };
  // Nobody may be listening any more; the folder is removed all the same.
  process.stdout.on('error', () => undefined);
  await playHarness(surroundings, {
    // What could not be removed is found by whoever started this.
    beforeLastWord: () => tidyUp().catch(() => undefined),
    onLost: () => void tidyUp().finally(() => process.exit(1)),
  });
  process.exit(0);
}

if (role === PLACE_FILES_ROLE) runPlacingChild().catch(fail);
else if (role === REMOVE_FOLDER_ROLE) removeJobFolder(argument ?? '', user).catch(fail);
else main(role ?? '').catch(fail);

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}
