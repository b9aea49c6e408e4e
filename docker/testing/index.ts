export { startFakeEngine } from './fake-engine.ts';
export { inspectWhole } from './inspect-whole.ts';
export { type OwnEngine, startOwnEngine } from './own-engine.ts';
export { type Crun, unpackCrun } from './unpack-crun.ts';
