import { writeFile } from 'node:fs/promises';
import { completeLock, LOCK_FILE, readLockFile } from './lock-file.ts';

// `npm run lock:complete`, after every `npm install` that changed the lock file.
await writeFile(LOCK_FILE, `${JSON.stringify(completeLock(await readLockFile()), null, 2)}\n`);
