/**
 * A process that fetches one file as a job does, for tests that kill it half-way: `node fetch-main.ts URL FOLDER`.
 */
import { join } from 'node:path';
import { fetchFiles } from '../fetch-files.ts';
import { openFileCache } from '../file-cache.ts';
import { createWorkspace } from '../workspace.ts';
import { createTestOutbound } from './file-server.ts';

const [, , url = '', folder = ''] = process.argv;
await using workspace = await createWorkspace(folder);
await fetchFiles(
  { shared: { url, mime_type: 'text/plain', should_replace_paths: false } },
  workspace.folder,
  {
    outbound: createTestOutbound(),
    tries: { triesMax: 1, pausesMs: [], windowMs: 60_000 },
    cache: await openFileCache(join(folder, 'cache')),
  },
  new AbortController().signal,
);
