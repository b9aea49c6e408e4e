/**
 * Something that a person has to know or do before a command can go on. The program prints its message, and no stack
 * trace: the sentence says all there is.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
