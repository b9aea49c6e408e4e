/** The queue's order in virtual time: how long jobs would wait with so many workers. */
export { listJobHistory } from './job-history.ts';
export { type Capacity, type Simulated, type Submission, simulate } from './simulate.ts';
