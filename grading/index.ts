/** One job, here: image, files, sandbox, result. Knows no queue and no client. */
export { gradeAtHome, type HomeDeps } from './grade-at-home.ts';
export {
  type GradeDeps,
  type Graded,
  gradeJob,
  type JobToGrade,
  type RunEvent,
  type RunFacts,
} from './grade-job.ts';
export { chooseImages, type EngineRetention, FRESH_SECONDS, type KeptImage } from './choose-images.ts';
export { BASE_IMAGE, BASE_TROUBLE, BaseMissingError, findBase } from './base-image.ts';
export { imageReference } from './ensure-image.ts';
export { type ImageEvent, type ImageRecord, type ImageSource, SourceAwayError } from './image-source.ts';
export {
  type FetchAddresses,
  type Grading,
  type GradingSetup,
  type ImageSetup,
  openGrading,
} from './open-grading.ts';
export { describeCommand } from './describe-command.ts';
export type { PoolLimits } from './sandbox/container-pool.ts';
export { createDockerSandbox, type DockerSandboxSetup } from './sandbox/docker.ts';
export { createProcessSandbox, type ProcessSandboxSetup } from './sandbox/process.ts';
export { INSTALLATION_LABEL, removeOrphans } from './sandbox/remove-orphans.ts';
export type {
  KnownContainer,
  Sandbox,
  SandboxEnding,
  SandboxEvent,
  SandboxFile,
  SandboxJob,
  SandboxReport,
  StepReport,
} from './sandbox/sandbox.ts';
export { type SmokeRun, smokeRun } from './smoke-run.ts';
export {
  IMAGE_INSTALLATION_LABEL,
  IMAGE_SHA_LABEL,
  type ImageSweepDeps,
  sweepImages,
} from './sweep-images.ts';
