import { InvalidArgumentError } from 'commander';

/** Bounds of a whole number on the command line, both included. */
export interface WholeNumberBounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Makes the parser of an option that takes a whole number.
 *
 * @throws {InvalidArgumentError} (the parser) with a sentence, when a text is no such number
 */
export function wholeNumber({ min, max }: WholeNumberBounds): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}
