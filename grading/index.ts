/** One job, here: image, files, sandbox, result. Knows no queue and no client. */
export type { AddressPolicy } from '@orca/outbound';
export { type GradeDeps, type Graded, gradeJob, type JobToGrade } from './grade-job.ts';
export { type Grading, type GradingSetup, openGrading } from './open-grading.ts';
