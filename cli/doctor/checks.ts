import type { Check } from './check.ts';
import { baseImageChecks } from './checks/base-image.ts';
import { clockChecks } from './checks/clock.ts';
import { databaseCheck } from './checks/database.ts';
import { databaseFitnessChecks } from './checks/database-fitness.ts';
import { databaseTlsCheck } from './checks/database-tls.ts';
import { engineChecks } from './checks/engine.ts';
import { isolationChecks } from './checks/isolation.ts';
import { nodeCheck } from './checks/node.ts';
import { orchestratorChecks } from './checks/orchestrator.ts';
import { roomChecks } from './checks/room.ts';
import { secretsChecks } from './checks/secrets.ts';
import { settingsCheck } from './checks/settings.ts';
import { socketChecks } from './checks/socket.ts';
import { trialCheck } from './checks/trial.ts';

/** All that `orca doctor` looks at, in the order in which it is told. A new check is a file in checks/, and its line here. */
export const CHECKS: readonly Check[] = [
  nodeCheck,
  settingsCheck,
  ...engineChecks,
  ...isolationChecks,
  ...socketChecks,
  ...baseImageChecks,
  trialCheck,
  databaseCheck,
  ...databaseFitnessChecks,
  databaseTlsCheck,
  ...orchestratorChecks,
  ...clockChecks,
  ...roomChecks,
  ...secretsChecks,
];
