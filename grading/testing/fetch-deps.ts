import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobFile } from '@orca/protocol';
import type { FetchDeps } from '../fetch-files.ts';
import { createWorkspace, type Workspace } from '../workspace.ts';
import { createTestOutbound } from './file-server.ts';

export const NEVER = new AbortController().signal;
/** Those that do not keep a test waiting. */
export const QUICK_TRIES = { triesMax: 3, pausesMs: [1], windowMs: 60_000, totalMs: 2_000 };

/** What fetching needs, of a test that has no cache. */
export const deps = (changes: Partial<FetchDeps> = {}): FetchDeps => ({
  outbound: createTestOutbound(),
  tries: QUICK_TRIES,
  cache: null,
  ...changes,
});

/** A file of a job. */
export const file = (url: string, changes: Partial<JobFile> = {}): JobFile => ({
  url,
  mime_type: 'text/plain',
  should_replace_paths: false,
  ...changes,
});

/** A folder of a test's own. */
export const openWorkspace = (): Promise<Workspace> => createWorkspace(join(tmpdir(), 'orca-test'));
