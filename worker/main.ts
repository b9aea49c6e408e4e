import { runDaemon } from '@orca/daemon';
import { workerSettings } from './settings.ts';
import { startWorker } from './start-worker.ts';

await runDaemon({
  name: 'orca-worker',
  summary: 'claims grading jobs and grades them in containers of this machine',
  settings: workerSettings,
  start: startWorker,
});
