/** An archive that must not be, or cannot be, unpacked; the message is for the people of the course. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly code = 'archive_refused';
}

const SHOWN_CHARACTERS_MAX = 80;

/** A name from an archive as a person may read it: cut, and without what a terminal would obey. */
export function showName(name: string): string {
  const shown = JSON.stringify(name.slice(0, SHOWN_CHARACTERS_MAX)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    '?',
  );
  return name.length > SHOWN_CHARACTERS_MAX ? `${shown.slice(0, -1)}…"` : shown;
}

/** What an unpacker says of bytes that are not what they should be. */
export function corruptArchive(cause: unknown): ArchiveError {
  if (cause instanceof ArchiveError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ArchiveError(`corrupt archive: ${reason}`, { cause });
}
