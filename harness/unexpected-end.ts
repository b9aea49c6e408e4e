/** The stream ended where more was promised. */
export class UnexpectedEndError extends Error {
  override readonly name = 'UnexpectedEndError';
  readonly code = 'unexpected_end';
}
