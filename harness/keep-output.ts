/** Keeps the beginning of a stream as it comes, and its end, however long it is. */
export interface KeptOutput {
  /** Takes the next bytes. */
  add(bytes: Buffer): void;
  /** What came, kept or not. */
  readonly totalBytes: number;
  /** The end of what came, without what belongs to the beginning. */
  tail(): Buffer;
}

/**
 * Keeps of a stream its first bytes, handed on at once, and its last ones, in a ring.
 *
 * @param limits how many bytes of each
 * @param onHead takes the beginning, piece by piece; the bytes may not be kept by reference
 */
export function keepOutput(
  limits: { readonly headBytes: number; readonly tailBytes: number },
  onHead: (bytes: Buffer) => void,
): KeptOutput {
  let totalBytes = 0;
  let ring: Buffer | null = null;
  let ringBytes = 0;

  const addToRing = (bytes: Buffer): void => {
    // Most commands print little: the ring is made when it is needed.
    ring ??= Buffer.alloc(limits.tailBytes);
    const kept = bytes.subarray(Math.max(0, bytes.length - limits.tailBytes));
    const at = (ringBytes + bytes.length - kept.length) % limits.tailBytes;
    const untilEnd = kept.subarray(0, limits.tailBytes - at);
    untilEnd.copy(ring, at);
    kept.subarray(untilEnd.length).copy(ring, 0);
    ringBytes += bytes.length;
  };

  return {
    add(bytes) {
      const head = bytes.subarray(0, Math.max(0, limits.headBytes - totalBytes));
      totalBytes += bytes.length;
      if (head.length > 0) onHead(head);
      if (head.length < bytes.length) addToRing(bytes.subarray(head.length));
    },
    get totalBytes() {
      return totalBytes;
    },
    tail() {
      if (ring === null) return Buffer.alloc(0);
      if (ringBytes <= limits.tailBytes) return Buffer.from(ring.subarray(0, ringBytes));
      const start = ringBytes % limits.tailBytes;
      return Buffer.concat([ring.subarray(start), ring.subarray(0, start)]);
    },
  };
}
