import type { EngineInfo } from '@orca/docker';
import { type Check, EVERYWHERE, fail, ok, type Verdict, warn } from '../check.ts';
import { judgeSeen } from '../look.ts';

const DAEMON_JSON = '/etc/docker/daemon.json';
const RESTART = '"sudo systemctl restart docker"';
/** Drivers whose layers are shared and fast; `vfs` copies the whole image for each container. */
const GOOD_STORAGE = ['overlay2', 'overlayfs', 'fuse-overlayfs', 'btrfs', 'zfs', 'stargz'];

/** Control groups: what keeps a job's limits. */
export function judgeCgroups({ cgroupVersion, cgroupDriver }: EngineInfo): Verdict {
  if (cgroupDriver === 'none')
    return fail(
      'The engine has no control groups: no limit of a job would hold',
      'for a rootless engine delegate them (docs.docker.com/engine/security/rootless), or use a rootful one',
    );
  if (cgroupVersion === 2) return ok(`Control groups v2, driver ${cgroupDriver}`);
  return warn(
    `Control groups v1, driver ${cgroupDriver}: newer kernels and engines give them up`,
    'boot with systemd.unified_cgroup_hierarchy=1 (in GRUB_CMDLINE_LINUX, then sudo update-grub and reboot)',
  );
}

/** Whether the kernel keeps the limits that every job's container asks for. */
export function judgeLimits({ limits }: EngineInfo): Verdict {
  const missing = (['memory', 'pids', 'cpu'] as const).filter((name) => !limits[name]);
  const boot =
    'boot with cgroup_enable=memory swapaccount=1 (in GRUB_CMDLINE_LINUX, then sudo update-grub and reboot)';
  if (missing.length > 0)
    return fail(`The engine cannot limit ${missing.join(' and ')}: a job could take the whole machine`, boot);
  if (!limits.swap)
    return warn(
      'The engine cannot limit swap: a job may use as much of it as there is',
      `${boot}, or swapoff --all`,
    );
  return ok('Memory, swap, processes and processor time are limited');
}

/** What layers and containers lie on. */
export function judgeStorage({ storageDriver }: EngineInfo): Verdict {
  if (GOOD_STORAGE.includes(storageDriver)) return ok(`Storage driver ${storageDriver}`);
  return warn(
    `The storage driver is ${storageDriver}, which is slow or given up`,
    `set {"storage-driver": "overlay2"} in ${DAEMON_JSON} and ${RESTART}; images have to be built again`,
  );
}

/** Whether root in a container is nobody outside. */
export function judgeUserNamespaces({ securityOptions }: EngineInfo): Verdict {
  const options = namesOf(securityOptions);
  if (options.includes('rootless')) return ok('The engine is rootless');
  if (options.includes('userns')) return ok('User namespaces are remapped');
  return warn(
    'User namespaces are not remapped: root in a container would be root outside, should it get out',
    `set {"userns-remap": "default"} in ${DAEMON_JSON} and ${RESTART}; images have to be loaded again`,
  );
}

/** Whether system calls can be filtered; the profile is our own. */
export function judgeSeccomp({ securityOptions }: EngineInfo): Verdict {
  const options = namesOf(securityOptions);
  if (!options.includes('seccomp'))
    return fail(
      'The engine cannot filter system calls (seccomp), which every container of a job asks for',
      'use a kernel and an engine with seccomp: those of any current distribution have it',
    );
  const modules = ['apparmor', 'selinux'].filter((name) => options.includes(name));
  return ok(
    modules.length === 0 ? 'seccomp; this kernel runs without AppArmor' : `seccomp and ${modules.join(', ')}`,
  );
}

/** Whether jobs survive a restart of the engine. */
export function judgeLiveRestore({ hasLiveRestore }: EngineInfo): Verdict {
  if (hasLiveRestore) return ok('Containers go on while the engine is restarted');
  return warn(
    'A restart of the engine ends all running containers (no live-restore): their jobs begin again',
    `set {"live-restore": true} in ${DAEMON_JSON} and "sudo systemctl reload docker"`,
  );
}

/** `name=seccomp,profile=default` → `seccomp`. */
function namesOf(securityOptions: readonly string[]): string[] {
  return securityOptions.map((option) => /name=([^,]+)/.exec(option)?.[1] ?? option);
}

const judgeInfo = (name: string, judge: (info: EngineInfo) => Verdict): Check => ({
  name,
  roles: EVERYWHERE,
  run: (host) => judgeSeen(host.engine(), ({ info }) => judge(info)),
});

/** What stands between a submission and this machine. */
export const isolationChecks: readonly Check[] = [
  judgeInfo('engine.cgroups', judgeCgroups),
  judgeInfo('engine.limits', judgeLimits),
  judgeInfo('engine.storage', judgeStorage),
  judgeInfo('engine.userns', judgeUserNamespaces),
  judgeInfo('engine.seccomp', judgeSeccomp),
  judgeInfo('engine.live-restore', judgeLiveRestore),
];
