import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CreateRequest } from '@orca/docker';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { type ContainerPurpose, containerSpec, IMAGE_VOLUMES_MAX } from './container-spec.ts';

const MIB = 1024 * 1024;

const PURPOSE: ContainerPurpose = {
  imageId: 'sha256:abc',
  imageVolumes: [],
  limits: DEFAULT_LIMITS,
  networkMode: 'none',
  labels: { 'orca.installation': 'i' },
  cgroupDriver: 'cgroupfs',
};

function specOf(changes: Partial<ContainerPurpose> = {}): CreateRequest {
  const specified = containerSpec({ ...PURPOSE, ...changes });
  return specified.kind === 'spec' ? specified.spec : assert.fail(specified.sentence);
}

describe('containerSpec()', () => {
  test('shares nothing of the host and grants three capabilities', () => {
    const { User, HostConfig } = specOf();
    assert.equal(User, '0:0');
    assert.deepEqual([HostConfig.Binds, HostConfig.Mounts, HostConfig.Devices], [[], [], []]);
    assert.deepEqual(HostConfig.CapDrop, ['ALL']);
    assert.deepEqual(HostConfig.CapAdd, ['SETUID', 'SETGID', 'KILL']);
    assert.equal(HostConfig.ReadonlyRootfs, true);
    assert.equal(HostConfig.Privileged, false);
    assert.equal(HostConfig.NetworkMode, 'none');
    assert.equal(HostConfig.Init, true);
    assert.equal(HostConfig.SecurityOpt[0], 'no-new-privileges:true');
    assert.equal(HostConfig.SecurityOpt.length, 2);
  });

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
    assert.equal(
      HostConfig.Ulimits.some((limit) => limit.Name === 'nproc'),
      false,
    );
  });

  test('covers every volume of an image with something empty', () => {
    const { HostConfig } = specOf({ imageVolumes: ['/data', '/home/orca-grader', '/tmp'] });
    assert.match(HostConfig.Tmpfs['/data'] ?? '', /^ro,.*size=4k$/);
    assert.match(HostConfig.Tmpfs['/home/orca-grader'] ?? '', /^ro,/);
    assert.match(HostConfig.Tmpfs['/tmp'] ?? '', /^rw,/, 'which is ours');
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
      '/a/../work',
      'relative',
      '//dev',
    ]) {
      assert.equal(containerSpec({ ...PURPOSE, imageVolumes: [path] }).kind, 'refused', path);
    }
    assert.equal(containerSpec({ ...PURPOSE, imageVolumes: ['/workshop', '/opt/orca2'] }).kind, 'spec');
  });

  test("names the parent group as the engine's driver wants it, and a runtime only when told", () => {
    assert.equal(specOf().HostConfig.CgroupParent, '/orca-jobs');
    assert.equal(specOf({ cgroupDriver: 'systemd' }).HostConfig.CgroupParent, 'orca-jobs.slice');
    assert.equal(specOf({ cgroupDriver: 'none' }).HostConfig.CgroupParent, '');
    assert.equal('Runtime' in specOf().HostConfig, false);
    assert.equal(specOf({ runtime: 'runsc' }).HostConfig.Runtime, 'runsc');
  });

  test("blanks in the harness' environment what an image could take it over with", () => {
    const names = ['NODE_OPTIONS=', 'LD_PRELOAD=', 'LD_LIBRARY_PATH=', 'BASH_ENV=', 'ENV='];
    for (const name of names) assert.ok(specOf().Env.includes(name), name);
  });
});
