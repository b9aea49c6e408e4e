import Type, { type Static } from 'typebox';

const atMost = { maximum: Number.MAX_SAFE_INTEGER };

/** Fewest processes a job may ask for: the harness and its init need some themselves. */
export const PIDS_MIN = 32;
/** Least memory a job may ask for, in MiB. */
export const MEMORY_MB_MIN = 16;
/** Smallest share of a CPU that engines accept. */
export const CPUS_MIN = 0.01;

/** The limits that a job may ask for on the wire; each is lowered to what the server allows. */
export const RequestedLimitsSchema = Type.Object(
  {
    wall_seconds: Type.Optional(Type.Number({ minimum: 1, ...atMost, description: 'Seconds, whole job.' })),
    cpus: Type.Optional(
      Type.Number({ minimum: CPUS_MIN, ...atMost, description: 'CPUs, also a part of one.' }),
    ),
    memory_mb: Type.Optional(Type.Integer({ minimum: MEMORY_MB_MIN, ...atMost, description: 'MiB.' })),
    disk_mb: Type.Optional(
      Type.Integer({ minimum: 1, ...atMost, description: 'MiB of files: downloads, extracted, written.' }),
    ),
    pids: Type.Optional(
      Type.Integer({ minimum: PIDS_MIN, ...atMost, description: 'Processes and threads.' }),
    ),
  },
  { additionalProperties: false },
);

/** Limits as a job asks for them. */
export type RequestedLimits = Static<typeof RequestedLimitsSchema>;

/** The limits that a job runs under. Sizes are MiB; `entries` counts files and folders. */
export interface JobLimits {
  readonly wallSeconds: number;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly diskMb: number;
  readonly pids: number;
  readonly entries: number;
}

/** The limits of a job that asks for nothing, and the most that a server allows unless it is told otherwise. */
export const DEFAULT_LIMITS: JobLimits = {
  wallSeconds: 600,
  cpus: 1,
  memoryMb: 1024,
  diskMb: 512,
  pids: 256,
  entries: 20_000,
};

const WIRE_NAMES = [
  ['wall_seconds', 'wallSeconds'],
  ['cpus', 'cpus'],
  ['memory_mb', 'memoryMb'],
  ['disk_mb', 'diskMb'],
  ['pids', 'pids'],
] as const;

/**
 * The limits that a job gets: what it asks for, lowered to what is allowed; the defaults (lowered alike) for the rest.
 *
 * @returns the limits, and a sentence for each request that was lowered
 */
export function effectiveLimits(
  job: { readonly limits?: RequestedLimits },
  allowed: JobLimits = DEFAULT_LIMITS,
): { limits: JobLimits; warnings: string[] } {
  const warnings: string[] = [];
  const limits = { ...DEFAULT_LIMITS, entries: Math.min(DEFAULT_LIMITS.entries, allowed.entries) };
  for (const [wireName, name] of WIRE_NAMES) {
    const requested = job.limits?.[wireName];
    limits[name] = Math.min(requested ?? DEFAULT_LIMITS[name], allowed[name]);
    if (requested !== undefined && requested > allowed[name]) {
      warnings.push(
        `limits.${wireName}: lowered from ${requested} to ${allowed[name]}, the most this server allows`,
      );
    }
  }
  return { limits, warnings };
}
