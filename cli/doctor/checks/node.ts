import { type Check, EVERYWHERE, fail, ok, type Verdict } from '../check.ts';

/** The oldest Node that runs Orca's sources as they are. */
const NODE_MAJOR_MIN = 24;

/** @param version such as `v24.1.0` */
export function judgeNode(version: string): Verdict {
  const major = Number.parseInt(version.replace(/^v/, ''), 10);
  if (major >= NODE_MAJOR_MIN) return ok(`Node ${version}`);
  return fail(
    `Node ${version} runs this, and Orca needs ${NODE_MAJOR_MIN} or newer`,
    'start Orca with ./orca or "npm start": both use the Node that package-lock.json names',
  );
}

/** The program that runs all others. */
export const nodeCheck: Check = {
  name: 'node',
  roles: EVERYWHERE,
  run: async () => judgeNode(process.version),
};
