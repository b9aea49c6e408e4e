import { fileURLToPath } from 'node:url';

/** The checkout's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The guide that is followed. */
export const GUIDE = `${ROOT}DEPLOYMENT.md`;

/** The guide's machines: what they are called there, and their addresses in the test. */
export const MACHINES = {
  database: { host: 'db.example.edu', address: '10.77.0.1' },
  orchestrator: { host: 'orca.example.edu', address: '10.77.0.2' },
  'worker-1': { host: 'worker-1.example.edu', address: '10.77.0.3' },
  'worker-2': { host: 'worker-2.example.edu', address: '10.77.0.4' },
  course: { host: 'course.example.edu', address: '10.77.0.5' },
} as const;
