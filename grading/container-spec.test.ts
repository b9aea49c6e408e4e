import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CreateRequest, HostConfig } from '@orca/docker';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { BOOTSTRAP } from '@orca/protocol/sandbox-plan';
import {
  type ContainerPurpose,
  containerSpec,
  HARNESS_PROGRAM,
  IMAGE_VOLUMES_MAX,
  knowsLocalhost,
} from './container-spec.ts';
import { ignoringRealTimeSignals } from './ignore-signals.ts';
import { seccompProfile } from './seccomp-profile.ts';

const MIB = 1024 * 1024;

const PURPOSE: ContainerPurpose = {
  imageId: 'sha256:abc',
  imageEnv: [],
  imageVolumes: [],
  knowsLocalhost: true,
  limits: DEFAULT_LIMITS,
  networkMode: 'none',
  labels: { 'orca.installation': 'i' },
  cgroupDriver: 'cgroupfs',
};

function specOf(changes: Partial<ContainerPurpose> = {}): CreateRequest {
  const specified = containerSpec({ ...PURPOSE, ...changes });
  return specified.kind === 'spec' ? specified.spec : assert.fail(specified.sentence);
}

type Stops = readonly [attack: string, setting: unknown];

/** Each setting of a container, and the attack that it stops: one that is not in this table does not compile. */
const OF_CONTAINER: Record<Exclude<keyof CreateRequest, 'HostConfig'>, Stops> = {
  Image: ['a name that leads to another image by now', 'sha256:abc'],
  User: [
    "an image's USER, as whom the harness could neither drop to the commands' user nor kill them",
    '0:0',
  ],
  WorkingDir: ["an image's WORKDIR that root without powers cannot enter", '/'],
  Entrypoint: ["an image's ENTRYPOINT, which would run before the harness, as root", 'ours'],
  Cmd: ["an image's CMD, which would be the harness' arguments", []],
  Env: ["an image's ENV, which would load code into the harness", 'ours'],
  AttachStdin: ['a job that is read from anywhere but its own pipe', true],
  AttachStdout: ['a harness that nobody hears', true],
  AttachStderr: ['complaints that nobody hears', true],
  OpenStdin: ['a container without a life line', true],
  StdinOnce: ['a container that outlives its worker: the life line ends with the first to hold it', true],
  Tty: ['TIOCSTI and terminal commands; frames that a terminal rewrites', false],
  StopSignal: ["an image's STOPSIGNAL that stops nothing", 'SIGKILL'],
  StopTimeout: ['waiting for a program that does not want to go', 1],
  Healthcheck: [
    "an image's HEALTHCHECK, which the engine would run as root, beside the harness",
    { Test: ['NONE'] },
  ],
  Hostname: ['learning the name of the container, or of the machine', 'grader'],
  NetworkDisabled: [
    "the addresses of the machine's name servers, which the engine would write down for it",
    true,
  ],
  Labels: ["a container that no sweep finds after its worker's crash", { 'orca.installation': 'i' }],
};
const OF_HOST: Record<Exclude<keyof HostConfig, 'Runtime'>, Stops> = {
  NetworkMode: ['every way out: hosts, metadata services, the database, the engine', 'none'],
  ReadonlyRootfs: ["changing the image's programs, and writing to the host's disk", true],
  Privileged: ['every other setting being void', false],
  Binds: ["reading and writing the host's files, and its engine's socket", []],
  Mounts: ['the same, by another name', []],
  Devices: ["the host's disks as devices", []],
  CapDrop: ['whatever root may do', ['ALL']],
  CapAdd: ['a harness that may do more than become a command, and kill it', ['SETUID', 'SETGID', 'KILL']],
  SecurityOpt: ['setuid programs of the image, and the system calls that have opened sandboxes', 'ours'],
  Memory: ["taking the machine's memory", 1600 * MIB],
  MemorySwap: ['taking it as swap', 1600 * MIB],
  NanoCpus: ['spinning on all processors', 1_000_000_000],
  CpuShares: ["being served before the machine's own processes", 512],
  PidsLimit: ['fork bombs', 256],
  OomScoreAdj: ["the machine's own processes dying in a job's place", 0],
  Ulimits: ['core files, endless sparse files, locked memory, too many open files', 'ours'],
  Tmpfs: ["filling the host's disk, by bytes or by files, and setuid programs of one's own", 'ours'],
  ShmSize: ['a second disk in /dev/shm', 16 * MIB],
  IpcMode: ['shared memory, queues and semaphores of others', 'private'],
  CgroupnsMode: ["seeing other jobs' control groups", 'private'],
  CgroupParent: ['all jobs together taking what the operator allows them', '/orca-jobs'],
  Init: ['zombies, which would use up the processes until nothing can be started', true],
  LogConfig: ["a flood of output on the host's disk", { Type: 'none' }],
  RestartPolicy: ['a hostile program that runs again when its container has died', { Name: 'no' }],
  AutoRemove: ['a container that is gone before it was asked what it died of', false],
};

describe('containerSpec() stops', () => {
  const spec = specOf();
  const { HostConfig: host, ...container } = spec;
  const made = [...Object.entries(container), ...Object.entries(host)];
  for (const [setting, [attack, value]] of [...Object.entries(OF_CONTAINER), ...Object.entries(OF_HOST)]) {
    // Those of many parts have a test of their own below.
    if (value === 'ours') continue;
    test(`${attack}: ${setting}`, () => {
      assert.deepEqual(
        made.filter(([name]) => name === setting),
        [[setting, value]],
      );
    });
  }

  test('all this and nothing else: each setting is in the table', () => {
    assert.deepEqual(Object.keys(container).sort(), Object.keys(OF_CONTAINER).sort());
    assert.deepEqual(Object.keys(host).sort(), Object.keys(OF_HOST).sort());
  });

  test("an image's ENTRYPOINT: the harness' own Node, with a small heap, runs what is sent in", () => {
    assert.deepEqual(HARNESS_PROGRAM, ['/opt/orca/bin/node', '--max-old-space-size=96', '-e', BOOTSTRAP]);
    assert.deepEqual(spec.Entrypoint, ignoringRealTimeSignals(HARNESS_PROGRAM));
  });

  test('setuid programs and system calls: no new privileges, and the profile, in full', () => {
    assert.deepEqual(host.SecurityOpt, [
      'no-new-privileges:true',
      `seccomp=${JSON.stringify(seccompProfile())}`,
    ]);
  });

  test('core files, endless files, locked memory, too many open files; processes are counted per user elsewhere', () => {
    assert.deepEqual(host.Ulimits, [
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'nofile', Soft: 1_024, Hard: 4_096 },
      { Name: 'fsize', Soft: 512 * MIB, Hard: 512 * MIB },
      { Name: 'memlock', Soft: 65_536, Hard: 65_536 },
    ]);
  });

  test("filling the host's disk: what can be written to is in memory, with sizes and counts, without setuid and devices", () => {
    assert.deepEqual(host.Tmpfs, {
      '/work': 'rw,exec,nosuid,nodev,size=512m,nr_inodes=24096,mode=0755,uid=1000,gid=1000',
      '/tmp': 'rw,exec,nosuid,nodev,size=128m,nr_inodes=16384,mode=1777',
    });
  });
});

describe('containerSpec()', () => {
  test('makes limits settings, the disk being part of the memory', () => {
    const limits = { wallSeconds: 9, cpus: 0.5, memoryMb: 100, diskMb: 200, pids: 33, entries: 1_000 };
    const { HostConfig } = specOf({ limits });
    assert.equal(HostConfig.Memory, 364 * MIB);
    assert.equal(HostConfig.MemorySwap, HostConfig.Memory);
    assert.equal(HostConfig.NanoCpus, 500_000_000);
    assert.equal(HostConfig.PidsLimit, 33);
    const work = HostConfig.Tmpfs['/work'] ?? '';
    assert.equal(work, 'rw,exec,nosuid,nodev,size=200m,nr_inodes=5096,mode=0755,uid=1000,gid=1000');
    const fsize = HostConfig.Ulimits.find((limit) => limit.Name === 'fsize');
    assert.equal(fsize?.Hard, 200 * MIB);
  });

  test('covers every volume of an image with something empty', () => {
    const { HostConfig } = specOf({ imageVolumes: ['/data', '/home/orca-grader', '/tmp'] });
    assert.match(HostConfig.Tmpfs['/data'] ?? '', /^ro,.*size=4k$/);
    assert.match(HostConfig.Tmpfs['/home/orca-grader'] ?? '', /^ro,/);
    assert.match(HostConfig.Tmpfs['/tmp'] ?? '', /^rw,/, 'which is ours');
  });

  test('covers volumes where the engine mounts them, however an image writes their paths', () => {
    for (const [path, mounted] of [
      ['/data/', '/data'],
      ['//x', '/x'],
      ['/a//b/.', '/a/b'],
      ['/data/../x', '/x'],
      ['/../x', '/x'],
      ['/tmp/', '/tmp'],
    ] as const) {
      const { Tmpfs } = specOf({ imageVolumes: [path] }).HostConfig;
      assert.deepEqual(Object.keys(Tmpfs).sort(), [...new Set([mounted, '/work', '/tmp'])].sort(), path);
    }
    const { Tmpfs } = specOf({ imageVolumes: ['/data/', '/data', '//data'] }).HostConfig;
    assert.deepEqual(Object.keys(Tmpfs), ['/data', '/work', '/tmp']);
    assert.match(specOf({ imageVolumes: ['/tmp/'] }).HostConfig.Tmpfs['/tmp'] ?? '', /^rw,/);
  });

  test('refuses volumes that are too many, or in the way', () => {
    const volumes = (count: number): string[] => Array.from({ length: count }, (_, index) => `/v${index}`);
    assert.equal(containerSpec({ ...PURPOSE, imageVolumes: volumes(IMAGE_VOLUMES_MAX) }).kind, 'spec');
    assert.equal(containerSpec({ ...PURPOSE, imageVolumes: volumes(IMAGE_VOLUMES_MAX + 1) }).kind, 'refused');
    for (const path of [
      '/',
      '/work',
      '/work/home',
      '/opt',
      '/opt/orca/bin',
      '/proc/x',
      '//',
      '/..',
      '/work/',
      '/opt/./orca/',
      '/a/../work',
      'relative',
      '//dev',
    ]) {
      assert.equal(containerSpec({ ...PURPOSE, imageVolumes: [path] }).kind, 'refused', path);
    }
    assert.equal(containerSpec({ ...PURPOSE, imageVolumes: ['/workshop', '/opt/orca2'] }).kind, 'spec');
  });

  test('lets the engine set up a network where a job has one, or an image needs its /etc/hosts', () => {
    assert.equal(specOf().NetworkDisabled, true);
    assert.equal('NetworkDisabled' in specOf({ networkMode: 'orca-i' }), false);
    const withHosts = specOf({ knowsLocalhost: false });
    assert.equal('NetworkDisabled' in withHosts, false);
    assert.equal(withHosts.HostConfig.NetworkMode, 'none');
  });

  test("names the parent group as the engine's driver wants it, and a runtime only when told", () => {
    assert.equal(specOf().HostConfig.CgroupParent, '/orca-jobs');
    assert.equal(specOf({ cgroupDriver: 'systemd' }).HostConfig.CgroupParent, 'orca-jobs.slice');
    assert.equal(specOf({ cgroupDriver: 'none' }).HostConfig.CgroupParent, '');
    assert.equal('Runtime' in specOf().HostConfig, false);
    assert.equal(specOf({ runtime: 'runsc' }).HostConfig.Runtime, 'runsc');
  });

  test("takes all that is an image's out of the harness' environment", () => {
    const imageEnv = [
      'PATH=/evil',
      'LD_AUDIT=/evil.so',
      'NODE_OPTIONS=--require=/evil.js',
      'EMPTY=',
      'LC_ALL=de_DE',
    ];
    const own = ['PATH=/usr/local/bin:/usr/bin:/bin', 'LC_ALL=C.UTF-8'];
    assert.deepEqual(specOf().Env, own);
    assert.deepEqual(specOf({ imageEnv }).Env, [...own, 'LD_AUDIT', 'NODE_OPTIONS', 'EMPTY']);
  });
});

test("knowsLocalhost() believes the base image's label, which an image on it may take back", () => {
  assert.equal(knowsLocalhost({ 'orca.localhost': 'nss' }), true);
  assert.equal(knowsLocalhost({ 'orca.localhost': 'hosts' }), false);
  assert.equal(knowsLocalhost({}), false);
});
