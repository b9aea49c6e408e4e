/** The examples as a client sends them, for those who send many. */
export { type Example, loadExamples } from './load-example.ts';
export { packPath } from './pack-folder.ts';
export { type PlannedSubmission, planSubmissions } from './plan-submissions.ts';
