/**
 * What a container is created with: the members of `POST /containers/create` that Orca writes, as the Engine API names
 * them. Each is given in full, so that no default of an engine or an image decides anything.
 */
export interface CreateRequest {
  readonly Image: string;
  readonly User: string;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly OpenStdin: boolean;
  readonly StdinOnce: boolean;
  readonly Tty: boolean;
  readonly StopSignal: string;
  readonly StopTimeout: number;
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly Hostname: string;
  /**
   * Whether there is no network but the container's own `lo`, of which the engine need not know. Left out: what
   * `HostConfig.NetworkMode` says.
   */
  readonly NetworkDisabled?: true;
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: HostConfig;
}

/** The part of a create request that is about the host. */
export interface HostConfig {
  readonly NetworkMode: string;
  readonly ReadonlyRootfs: boolean;
  readonly Privileged: boolean;
  readonly Binds: readonly string[];
  readonly Mounts: readonly never[];
  readonly Devices: readonly never[];
  readonly CapDrop: readonly string[];
  readonly CapAdd: readonly string[];
  readonly SecurityOpt: readonly string[];
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly NanoCpus: number;
  readonly CpuShares: number;
  readonly PidsLimit: number;
  readonly OomScoreAdj: number;
  readonly Ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly Tmpfs: Readonly<Record<string, string>>;
  readonly ShmSize: number;
  readonly IpcMode: string;
  readonly CgroupnsMode: string;
  readonly CgroupParent: string;
  readonly Init: boolean;
  readonly LogConfig: { readonly Type: string };
  readonly RestartPolicy: { readonly Name: string };
  readonly AutoRemove: boolean;
  /** Left out: the engine's default runtime. */
  readonly Runtime?: string;
}
