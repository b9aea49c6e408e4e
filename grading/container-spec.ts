import { posix } from 'node:path';
import type { CreateRequest } from '@orca/docker';
import type { JobLimits } from '@orca/protocol';
import { BOOTSTRAP } from '@orca/protocol/sandbox-plan';
import { ignoringRealTimeSignals } from './ignore-signals.ts';
import { seccompProfile } from './seccomp-profile.ts';

/** What a container is made for. */
export interface ContainerPurpose {
  readonly imageId: string;
  /** The image's `ENV`: `NAME=value` each. */
  readonly imageEnv: readonly string[];
  /** The paths of the image's `VOLUME`s. */
  readonly imageVolumes: readonly string[];
  /** Whether `localhost` has an address in it without an `/etc/hosts`: {@link knowsLocalhost}. */
  readonly knowsLocalhost: boolean;
  readonly limits: JobLimits;
  /** `none`, or the name of a bridge network of Orca's own. */
  readonly networkMode: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Left out: the engine's default runtime. */
  readonly runtime?: string | undefined;
  readonly cgroupDriver: 'cgroupfs' | 'systemd' | 'none';
}

/** Settings of a container, or why there can be none for this image. */
export type ContainerSpec =
  | { readonly kind: 'spec'; readonly spec: CreateRequest }
  | { readonly kind: 'refused'; readonly sentence: string };

/** Most `VOLUME`s of an image; each costs a mount. */
export const IMAGE_VOLUMES_MAX = 32;

/** What the harness itself needs, beside the job's memory and disk. */
export const HARNESS_MEMORY_MB = 64;

/** Room for what is no entry of an archive: Orca's own folders, the image's home, what commands write. */
export const SPARE_INODES = 4_096;

/** What the base image says of itself, and each image on it, unless it says otherwise. */
const LOCALHOST_LABEL = { name: 'orca.localhost', value: 'nss' } as const;

const MIB = 1024 * 1024;
const NANO = 1e9;
const HARNESS_HEAP_MB = 96;

/** What becomes of a container's first program in the end: the harness, which is sent in. */
export const HARNESS_PROGRAM: readonly string[] = [
  '/opt/orca/bin/node',
  `--max-old-space-size=${HARNESS_HEAP_MB}`,
  '-e',
  BOOTSTRAP,
];

const TMP_MB = 128;
const TMP_INODES = 16_384;
const SHM_MB = 16;
const CPU_SHARES = 512;
const OPEN_FILES = { soft: 1_024, hard: 4_096 };
const LOCKED_BYTES = 64 * 1024;

// Mounted by us, or by the engine, or where the harness' binary is: nothing of the image may lie on these.
const OWN_PATHS = ['/work', '/opt/orca', '/proc', '/sys', '/dev'];

const CGROUP_PARENTS = { cgroupfs: '/orca-jobs', systemd: 'orca-jobs.slice', none: '' } as const;

/**
 * The settings of a job's container: pure, written out in full, and the whole of Orca's isolation. Each has its reason in
 * docs/security.md.
 *
 * @returns `refused` for an image whose volumes cannot be covered
 */
export function containerSpec(purpose: ContainerPurpose): ContainerSpec {
  const { limits, runtime } = purpose;
  const problem = findVolumeProblem(purpose.imageVolumes);
  if (problem !== null) return { kind: 'refused', sentence: problem };
  // A tmpfs is charged to the container's memory: a full disk must not be the next program's death.
  const memory = (limits.memoryMb + limits.diskMb + HARNESS_MEMORY_MB) * MIB;
  const spec: CreateRequest = {
    Image: purpose.imageId,
    User: '0:0',
    WorkingDir: '/',
    Entrypoint: ignoringRealTimeSignals(HARNESS_PROGRAM),
    Cmd: [],
    Env: harnessEnvironment(purpose.imageEnv),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
    StopSignal: 'SIGKILL',
    StopTimeout: 1,
    Healthcheck: { Test: ['NONE'] },
    Hostname: 'grader',
    ...(hasNoSandbox(purpose) ? { NetworkDisabled: true } : {}),
    Labels: purpose.labels,
    HostConfig: {
      NetworkMode: purpose.networkMode,
      ReadonlyRootfs: true,
      Privileged: false,
      Binds: [],
      Mounts: [],
      Devices: [],
      CapDrop: ['ALL'],
      CapAdd: ['SETUID', 'SETGID', 'KILL'],
      SecurityOpt: ['no-new-privileges:true', `seccomp=${JSON.stringify(seccompProfile())}`],
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(limits.cpus * NANO),
      CpuShares: CPU_SHARES,
      PidsLimit: limits.pids,
      OomScoreAdj: 0,
      Ulimits: ulimits(limits),
      Tmpfs: { ...coverVolumes(purpose.imageVolumes), ...writableFolders(limits) },
      ShmSize: SHM_MB * MIB,
      IpcMode: 'private',
      CgroupnsMode: 'private',
      CgroupParent: CGROUP_PARENTS[purpose.cgroupDriver],
      Init: true,
      LogConfig: { Type: 'none' },
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      ...(runtime === undefined ? {} : { Runtime: runtime }),
    },
  };
  return { kind: 'spec', spec };
}

/**
 * How large one file may be, in MiB: as the larger disk, so that nothing that fits is hindered, and sparse files come to
 * an end.
 */
export function fileSizeMaxMb(limits: JobLimits): number {
  return Math.max(limits.diskMb, TMP_MB);
}

/** Whether programs of an image find `localhost` without an `/etc/hosts`, by its labels. One that lies only harms its own jobs. */
export function knowsLocalhost(labels: Readonly<Record<string, string>>): boolean {
  return labels[LOCALHOST_LABEL.name] === LOCALHOST_LABEL.value;
}

/**
 * Without a network the engine need not set one up. It is the same for the container, a namespace of its own with nothing
 * but `lo`; but for the network `none` engines start themselves twice more, half of what a container costs them.
 */
function hasNoSandbox({ networkMode, knowsLocalhost: isKnown }: ContainerPurpose): boolean {
  return networkMode === 'none' && isKnown;
}

/**
 * The harness's environment, none of which is the image's: that is for commands, who get it with the plan. The engine merges
 * it in, but for a name that stands here without a value.
 */
function harnessEnvironment(imageEnv: readonly string[]): string[] {
  const own = ['PATH=/usr/local/bin:/usr/bin:/bin', 'LC_ALL=C.UTF-8'];
  const nameOf = (assignment: string): string => assignment.split('=', 1)[0] ?? '';
  const ownNames = new Set(own.map(nameOf));
  const names = new Set(imageEnv.map(nameOf));
  return [...own, ...[...names].filter((name) => name !== '' && !ownNames.has(name))];
}

/** No limit of processes here: that one is counted per user across all containers. */
function ulimits(limits: JobLimits): { Name: string; Soft: number; Hard: number }[] {
  const fileBytes = fileSizeMaxMb(limits) * MIB;
  return [
    { Name: 'core', Soft: 0, Hard: 0 },
    { Name: 'nofile', Soft: OPEN_FILES.soft, Hard: OPEN_FILES.hard },
    { Name: 'fsize', Soft: fileBytes, Hard: fileBytes },
    { Name: 'memlock', Soft: LOCKED_BYTES, Hard: LOCKED_BYTES },
  ];
}

function writableFolders(limits: JobLimits): Record<string, string> {
  const options = 'rw,exec,nosuid,nodev';
  const inodes = limits.entries + SPARE_INODES;
  return {
    // 0755: the harness, root without the power to override, starts commands in it.
    '/work': `${options},size=${limits.diskMb}m,nr_inodes=${inodes},mode=0755,uid=1000,gid=1000`,
    '/tmp': `${options},size=${TMP_MB}m,nr_inodes=${TMP_INODES},mode=1777`,
  };
}

/** A `VOLUME` is a folder of the host's own disk, writable in spite of a read-only root. */
function coverVolumes(volumes: readonly string[]): Record<string, string> {
  return Object.fromEntries(volumes.map((path) => [plainPath(path), 'ro,nosuid,nodev,noexec,size=4k']));
}

function findVolumeProblem(volumes: readonly string[]): string | null {
  if (volumes.length > IMAGE_VOLUMES_MAX) {
    return `Cannot start the grader image: it declares ${volumes.length} volumes, more than ${IMAGE_VOLUMES_MAX}`;
  }
  const bad = volumes.find((path) => !path.startsWith('/') || isOwn(plainPath(path)));
  return bad === undefined
    ? null
    : `Cannot start the grader image: its volume ${JSON.stringify(bad)} covers a folder of Orca's`;
}

/**
 * The path where an engine mounts a volume, Go's `filepath.Clean` of what the image says; '' for the root. It looks for a cover
 * of just that name, letter by letter, and makes a volume where it finds none: `/data/` would not cover `/data`.
 */
function plainPath(path: string): string {
  return posix.normalize(path).replace(/\/$/, '');
}

function isOwn(path: string): boolean {
  return OWN_PATHS.some((own) => `${path}/`.startsWith(`${own}/`) || own.startsWith(`${path}/`));
}
