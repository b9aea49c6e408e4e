export { type EndedProgram, makeTemporaryFolder, runToEnd } from './run-to-end.ts';
