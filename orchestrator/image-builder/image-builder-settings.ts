import { defineSettings } from '@orca/daemon';
import { Type } from 'typebox';
import { imageSettings } from '../image-settings.ts';
import { serverSettings } from '../server-settings.ts';

/** The settings of `main.ts image-builder`, beside those of every daemon. */
export const imageBuilderSettings = defineSettings({
  POSTGRES_URL: serverSettings.POSTGRES_URL,
  ...imageSettings,
  ORCA_IMAGE_FOLDER: { ...imageSettings.ORCA_IMAGE_FOLDER, isWrittenTo: true },
  DOCKER_HOST: {
    schema: Type.String({ pattern: '^(unix|tcp)://', description: 'unix:///path or tcp://host:port' }),
    default: 'unix:///var/run/docker.sock',
    doc: 'The engine of this machine.',
  },
  ORCA_BUILD_DOCKER_HOST: {
    schema: Type.String({ pattern: '^(unix|tcp)://', description: 'unix:///path or tcp://host:port' }),
    default: null,
    doc: 'Another engine for builds than DOCKER_HOST: instructors then build nothing where submissions run. It needs the base image too.',
  },
  ORCA_CONTAINER_RUNTIME: {
    schema: Type.String(),
    default: null,
    doc: 'The OCI runtime in which a new image is tried: that of the workers.',
  },
  ORCA_BUILD_NETWORK: {
    schema: Type.String(),
    default: 'default',
    doc: 'The network that RUN has: `default`, `none`, or the name of one of the engine.',
  },
  ORCA_BUILD_CONCURRENCY: {
    schema: Type.Integer({ minimum: 1, maximum: 32 }),
    default: 2,
    unit: 'builds',
    doc: 'How many images are built at once.',
  },
  ORCA_BUILD_SECONDS: {
    schema: Type.Number({ minimum: 1, maximum: 86_400 }),
    default: 900,
    unit: 'seconds',
    doc: 'The longest that the commands of one Dockerfile may take together.',
  },
  ORCA_BUILD_MEMORY_MB: {
    schema: Type.Integer({ minimum: 64, maximum: 1_048_576 }),
    default: 2_048,
    unit: 'MiB',
    doc: 'The most memory that a RUN gets; no swap.',
  },
  ORCA_BUILD_CPUS: {
    schema: Type.Number({ minimum: 0.1, maximum: 256 }),
    default: 1,
    unit: 'CPUs',
    doc: 'The most processor time that a RUN gets.',
  },
  ORCA_BUILD_PIDS: {
    schema: Type.Integer({ minimum: 16, maximum: 4_194_304 }),
    default: 1_024,
    unit: 'processes',
    doc: 'The most processes of a RUN, all builds at once together, where the engine is here and has the driver cgroupfs, and this program may make control groups: the unit of deploy/systemd may not (DEPLOYMENT.md, Hardening).',
  },
  ORCA_IMAGE_MB_MAX: {
    schema: Type.Integer({ minimum: 1, maximum: 1_048_576 }),
    default: 8_192,
    unit: 'MiB',
    doc: 'The largest image that is accepted, the base image included. A RUN that writes more is stopped, and so is a build whose RUNs leave four times as much together, or whose stages begin with images of registries that are more together.',
  },
  ORCA_IMAGE_KEEP_DAYS: {
    schema: Type.Number({ minimum: 0, maximum: 36_500 }),
    default: 120,
    unit: 'days',
    doc: 'How long a saved image that no job uses is kept. It comes back by itself when a job names it.',
  },
  ORCA_IMAGE_STORE_GB_MAX: {
    schema: Type.Number({ minimum: 0.001, maximum: 1_000_000 }),
    default: 100,
    unit: 'GiB',
    doc: 'How much room all saved images together may take; those used longest ago go first.',
  },
  ORCA_IMAGE_KEEP_HOURS: {
    schema: Type.Number({ minimum: 0, maximum: 876_000 }),
    default: 168,
    unit: 'hours',
    doc: 'How long a grader image that no job uses stays in the engine of builds, and what a build fetched there from a registry, once no build begins with it. The archive of a grader image stays longer.',
  },
  ORCA_IMAGES_GB_MAX: {
    schema: Type.Number({ minimum: 0.001, maximum: 1_000_000 }),
    default: 60,
    unit: 'GiB',
    doc: 'How much all grader images in the engine of builds may be, each counted with its base, and as much again what builds fetched there from registries; those used longest ago go first.',
  },
  ORCA_BUILD_LEASE_SECONDS: {
    schema: Type.Integer({ minimum: 3, maximum: 3_600 }),
    default: 60,
    unit: 'seconds',
    doc: 'How long a builder has a build unless it renews that; it does, every third of that time.',
  },
  ORCA_POLL_SECONDS: {
    schema: Type.Number({ minimum: 0.1, maximum: 60 }),
    default: 7,
    unit: 'seconds',
    doc: 'How often an idle builder looks for work that nobody told it of.',
  },
  ORCA_SWEEP_SECONDS: {
    schema: Type.Number({ minimum: 0.5, maximum: 3_600 }),
    default: 60,
    unit: 'seconds',
    doc: 'How often what crashes left, and what is too much, is removed.',
  },
});
