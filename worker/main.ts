import { runDaemon } from '@orca/daemon';
import { workerSettings } from './settings.ts';

await runDaemon({
  name: 'orca-worker',
  summary: 'claims grading jobs and grades them in containers of this machine',
  settings: workerSettings,
  flags: { '--no-container': { ORCA_SANDBOX: 'process' } },
  // Imported when it starts: --help loads no worker.
  start: async (context) => (await import('./start-worker.ts')).startWorker(context),
});
