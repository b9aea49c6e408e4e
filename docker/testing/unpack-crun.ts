import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian's; what else they need, every machine with a Docker engine of Debian's has. */
const PACKAGES = ['crun', 'libyajl2'];
const EXECUTABLE = 0o755;

/** The program of crun, or why there is none to be had. */
export type Crun =
  | { readonly kind: 'crun'; readonly program: string; readonly version: string }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Finds crun on this machine; else unpacks Debian's package: nothing is installed.
 *
 * @param folder an empty one, where the program stays
 */
export async function unpackCrun(folder: string): Promise<Crun> {
  try {
    const program = (await findProgram('crun')) ?? (await unpackPackages(folder));
    const { stdout } = await run(program, ['--version']);
    return { kind: 'crun', program, version: stdout.split('\n', 1)[0] ?? '' };
  } catch (error) {
    return { kind: 'none', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns a program that finds its libraries */
async function unpackPackages(folder: string): Promise<string> {
  // As root, apt would drop to a user that may not write there.
  await run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', ...PACKAGES], { cwd: folder });
  for (const archive of await readdir(folder))
    await run('dpkg-deb', ['-x', archive, 'root'], { cwd: folder });
  const libraries = (await readdir(join(folder, 'root/usr/lib'))).map((name) =>
    join(folder, 'root/usr/lib', name),
  );
  const program = join(folder, 'crun');
  const command = `LD_LIBRARY_PATH='${libraries.join(':')}' exec '${join(folder, 'root/usr/bin/crun')}' "$@"`;
  await writeFile(program, `#!/bin/sh\n${command}\n`, { mode: EXECUTABLE });
  return program;
}

async function findProgram(name: string): Promise<string | null> {
  // biome-ignore lint/style/noProcessEnv: where programs are is the machine's to say
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}
