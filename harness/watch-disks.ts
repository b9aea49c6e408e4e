import { statfsSync } from 'node:fs';
import type { FullDisk, SandboxDisk } from '@orca/protocol/sandbox-plan';

/** An eye on the file systems that a command can fill. */
export interface DiskWatch {
  /** Takes what the command prints, which may tell that it found no room. */
  hear(bytes: Buffer): void;
  /**
   * Ends it.
   *
   * @returns a file system that the command has filled, or found full, as it says; `null` when it has met neither
   */
  end(): FullDisk | null;
}

/** A disk with less than this left is full: what did not fit was larger. */
const FULL_BYTES = 64 * 1024;

/** What many a program removes when it has failed, such as a compiler's temporary files, is seen while it is there. */
const SAMPLE_EVERY_MS = 50;

// What was full before a command is no reason for its failing, unless it says so: in the words of the C library, which
// Java and Python use too, or by the name of the error.
const COMPLAINT = /No space left on device|ENOSPC/i;
const COMPLAINT_CHARACTERS = 32;

/** Begins to watch. */
export function watchDisks(disks: readonly SandboxDisk[]): DiskWatch {
  const before = disks.filter((path) => lookAt(path) !== null);
  const full = new Set<SandboxDisk>(before);
  let filled: FullDisk | null = null;
  let heard = '';
  let hasComplained = false;

  const look = (): void => {
    for (const path of disks) {
      const found = lookAt(path);
      if (found === null) full.delete(path);
      else if (!full.has(path)) filled ??= found;
    }
  };
  const sampling = setInterval(look, SAMPLE_EVERY_MS);

  return {
    hear(bytes) {
      // Only where it can make a difference: floods are long.
      if (before.length === 0 || hasComplained) return;
      const text = heard + bytes.toString('latin1');
      hasComplained = COMPLAINT.test(text);
      heard = text.slice(-COMPLAINT_CHARACTERS);
    },
    end() {
      clearInterval(sampling);
      look();
      if (filled !== null || !hasComplained) return filled;
      return before.map(lookAt).find((found) => found !== null) ?? null;
    },
  };
}

/** @returns in which way it is full; `null` when there is room, or no such file system */
function lookAt(path: SandboxDisk): FullDisk | null {
  try {
    const { bavail, bsize, blocks, files, ffree } = statfsSync(path);
    // A file system without a limit of files counts none.
    if (files > 0 && ffree === 0) return { path, what: 'files', amount: files };
    return bavail * bsize < FULL_BYTES ? { path, what: 'bytes', amount: blocks * bsize } : null;
  } catch {
    return null;
  }
}
