import type { CreateRequest, HostConfig } from './create-request.ts';

const MEMORY_BYTES = 64 * 1024 * 1024;
const SHARED_BYTES = 1024 * 1024;
const CPU_SHARES = 512;
const NANO = 1e9;
const PIDS_MAX = 32;

/**
 * What a small container is created with that needs nothing: no network, no capabilities, nothing to write to, and an end
 * at the first signal. What a job's is created with, `grading` knows.
 */
export function plainContainer({
  image,
  program,
  labels,
}: {
  readonly image: string;
  readonly program: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}): CreateRequest {
  return {
    Image: image,
    User: '1000:1000',
    WorkingDir: '/',
    Entrypoint: program,
    Cmd: [],
    Env: [],
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    OpenStdin: false,
    StdinOnce: false,
    Tty: false,
    StopSignal: 'SIGKILL',
    StopTimeout: 1,
    Healthcheck: { Test: ['NONE'] },
    Hostname: 'plain',
    NetworkDisabled: true,
    Labels: labels,
    HostConfig: plainHostConfig(),
  };
}

function plainHostConfig(): HostConfig {
  return {
    NetworkMode: 'none',
    ReadonlyRootfs: true,
    Privileged: false,
    Binds: [],
    Mounts: [],
    Devices: [],
    CapDrop: ['ALL'],
    CapAdd: [],
    SecurityOpt: ['no-new-privileges:true'],
    Memory: MEMORY_BYTES,
    MemorySwap: MEMORY_BYTES,
    NanoCpus: NANO,
    CpuShares: CPU_SHARES,
    PidsLimit: PIDS_MAX,
    OomScoreAdj: 0,
    Ulimits: [],
    Tmpfs: {},
    ShmSize: SHARED_BYTES,
    IpcMode: 'private',
    CgroupnsMode: 'private',
    CgroupParent: '',
    Init: true,
    LogConfig: { Type: 'none' },
    RestartPolicy: { Name: 'no' },
    AutoRemove: false,
  };
}
