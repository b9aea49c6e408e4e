import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What an engine of one's own has that the machine's need not have. */
export interface OwnEngineOptions {
  /** The ids of this machine that those in containers are: user-namespace remapping. Unset: they are the same. */
  readonly subordinateIds?: { readonly first: number; readonly count: number };
  /** The program of crun, which the engine is to know as the runtime `crun`. */
  readonly crun?: string;
}

/** Where one engine keeps what is its own. */
export interface OwnEnginePlace {
  readonly folder: string;
  readonly dataRoot: string;
  /** For `DOCKER_HOST`. */
  readonly host: string;
}

/** A user of the engine's own `/etc` only; its subordinate ids are those that containers get. */
const REMAPPED_USER = 'orca-test-remap';

/** An `/etc` of the engine's own: what is written into it, by the engine too, is gone with it. */
const WITH_OWN_ETC = `set -e
mount -t tmpfs orca-test-etc "$1"
mkdir "$1/upper" "$1/work"
cp /etc/passwd /etc/group "$1/upper/"
echo "${REMAPPED_USER}:x:$2:$2::/nonexistent:/bin/false" >> "$1/upper/passwd"
echo "${REMAPPED_USER}:x:$2:" >> "$1/upper/group"
for file in subuid subgid; do echo "${REMAPPED_USER}:$2:$3" > "$1/upper/$file"; done
mount -t overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" orca-test-etc /etc
shift 3
exec "$@"`;

/** crun refuses a machine with control groups of both versions: its engine sees only version 1, which does the work there. */
const WITHOUT_HYBRID_CGROUPS = `set -e
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
exec "$@"`;

/**
 * The command that starts an engine in namespaces of its own: of the network, since an engine without a bridge would take
 * that of the machine's engine away; of mounts, where it is to see other files than the machine has.
 */
export async function dockerdCommand(
  { folder, dataRoot, host }: OwnEnginePlace,
  { subordinateIds, crun }: OwnEngineOptions,
): Promise<string[]> {
  const dockerd = [
    ...['dockerd', '--data-root', dataRoot, '--exec-root', join(folder, 'exec'), '-H', host],
    ...['--pidfile', join(folder, 'dockerd.pid')],
    ...['--bridge=none', '--iptables=false', '--ip-forward=false', '--ip-masq=false'],
    ...(crun === undefined ? [] : [`--add-runtime=crun=${crun}`]),
    ...(subordinateIds === undefined ? [] : [`--userns-remap=${REMAPPED_USER}`]),
  ];
  const withMounts = ['unshare', '--net', '--mount', 'sh', '-c'];
  if (subordinateIds !== undefined) {
    const etc = join(folder, 'etc');
    await mkdir(etc);
    const ids = [String(subordinateIds.first), String(subordinateIds.count)];
    return [...withMounts, WITH_OWN_ETC, 'sh', etc, ...ids, ...dockerd];
  }
  if (crun !== undefined) return [...withMounts, WITHOUT_HYBRID_CGROUPS, 'sh', ...dockerd];
  return ['unshare', '--net', ...dockerd];
}
