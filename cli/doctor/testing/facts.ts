import type { ServerFacts } from '@orca/database';
import type { EngineInfo, ImageState } from '@orca/docker';

/** An engine as a hardened one describes itself, recorded and made safer. */
export const SAFE_ENGINE: EngineInfo = {
  id: 'O6LG:4B6R',
  serverVersion: '29.7.0',
  cgroupDriver: 'systemd',
  cgroupVersion: 2,
  storageDriver: 'overlay2',
  hasContainerdStore: false,
  rootFolder: '/var/lib/docker',
  cpus: 4,
  memoryBytes: 16 * 1024 ** 3,
  runtimes: ['io.containerd.runc.v2', 'runc'],
  defaultRuntime: 'runc',
  securityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=userns', 'name=cgroupns'],
  hasLiveRestore: true,
  limits: { memory: true, swap: true, pids: true, cpu: true },
};

/** A database server that has all that Orca needs. */
export const GOOD_SERVER: ServerFacts = {
  now: new Date('2026-09-01T12:00:00Z'),
  version: '15.4 (Debian 15.4-1)',
  encoding: 'UTF8',
  role: 'orca',
  database: 'orca',
  isEncrypted: true,
  connectionsMax: 97,
  connectionsOfOthers: 3,
  hasSchema: true,
  mayCreate: true,
  mayUse: true,
  closedTables: 0,
};

/** A base image with labels. */
export function baseImage(labels: Record<string, string>): ImageState {
  return {
    id: 'sha256:1',
    tags: ['orca-grader-base:latest'],
    parentId: null,
    createdAt: null,
    sizeBytes: 1,
    os: 'linux',
    architecture: 'amd64',
    env: [],
    volumes: [],
    exposedPorts: [],
    labels,
    user: '',
    workingFolder: '',
    hasEntrypoint: false,
    hasHealthcheck: false,
    onBuild: [],
    stopSignal: '',
    layers: ['sha256:a'],
  };
}
