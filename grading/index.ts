/** One job, here: image, files, sandbox, result. Knows no queue and no client. */
export { type GradeDeps, type Graded, gradeJob, type JobToGrade } from './grade-job.ts';
export { type FetchAddresses, type Grading, type GradingSetup, openGrading } from './open-grading.ts';
export { createDockerSandbox, type DockerSandboxSetup } from './sandbox/docker.ts';
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
