export * from './api-error.ts';
export * from './audit-answers.ts';
export * from './build-outcome.ts';
export * from './bulk-order.ts';
export * from './check-dockerfile.ts';
export * from './check-script.ts';
export * from './delivery-answers.ts';
export { EXPOSED_PORTS_MAX } from './dockerfile-counts.ts';
export type { DockerfileRules } from './dockerfile-rules.ts';
export type { RegistryReference } from './dockerfile-stages.ts';
export { FILLED_VOLUMES_MAX } from './dockerfile-volumes.ts';
export * from './flatten-script.ts';
export * from './grading-job.ts';
export * from './grading-result.ts';
export * from './grading-script.ts';
export * from './image-answers.ts';
export * from './image-build.ts';
export * from './image-order.ts';
export * from './image-status.ts';
export * from './job-answers.ts';
export * from './job-details.ts';
export * from './job-batch.ts';
export * from './job-event.ts';
export * from './job-limits.ts';
export * from './job-name.ts';
export * from './job-status.ts';
export * from './json-depth.ts';
export * from './json-syntax.ts';
export * from './move-order.ts';
export * from './parse-dockerfile.ts';
export * from './parse-grading-job.ts';
export * from './path-variables.ts';
export * from './plain-text.ts';
export * from './queue-list.ts';
export * from './test-report.ts';
export {
  type Destination,
  type EdgeName,
  edgesOf,
  follow,
  graphOf,
  type LocatedCommand,
  type ScriptGraph,
} from './script-graph.ts';
export * from './worker-answers.ts';
