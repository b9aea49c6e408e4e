export { inspectWhole } from './inspect-whole.ts';
