import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian's; what else they need, every machine with a Docker engine of Debian's has. */
const PACKAGES = ['crun', 'libyajl2'];
const EXECUTABLE = 0o755;

/** A crun that notes each call, or why there is none to be had. */
export type Crun =
  | { readonly kind: 'crun'; readonly program: string; readonly version: string; readonly callsFile: string }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Finds crun on this machine; else unpacks Debian's package: nothing is installed.
 *
 * @param folder an empty one, where the program stays
 */
export async function unpackCrun(folder: string): Promise<Crun> {
  try {
    const installed = await findProgram('crun');
    const command = installed ?? (await unpackPackages(folder));
    const program = join(folder, 'noting-crun');
    const callsFile = join(folder, 'calls');
    await writeFile(program, `#!/bin/sh\necho "$*" >> '${callsFile}'\n${command} "$@"\n`, {
      mode: EXECUTABLE,
    });
    const { stdout } = await run(program, ['--version']);
    return { kind: 'crun', program, version: stdout.split('\n', 1)[0] ?? '', callsFile };
  } catch (error) {
    return { kind: 'none', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns the shell's way to call it in place of itself */
async function unpackPackages(folder: string): Promise<string> {
  // As root, apt would drop to a user that may not write there.
  await run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', ...PACKAGES], { cwd: folder });
  for (const archive of await readdir(folder))
    await run('dpkg-deb', ['-x', archive, 'root'], { cwd: folder });
  const libraries = (await readdir(join(folder, 'root/usr/lib'))).map((name) =>
    join(folder, 'root/usr/lib', name),
  );
  return `LD_LIBRARY_PATH='${libraries.join(':')}' exec '${join(folder, 'root/usr/bin/crun')}'`;
}

async function findProgram(name: string): Promise<string | null> {
  // biome-ignore lint/style/noProcessEnv: where programs are is the machine's to say
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return `exec '${path}'`;
  }
  return null;
}
