import { styleText } from 'node:util';
import type { Environment } from '@orca/daemon';

/** Styles that the commands use. */
export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Gives a text a style, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/**
 * Whether to write colours to a stream.
 *
 * @returns true only for a terminal, and never where `NO_COLOR` or `CI` is set
 * @see https://no-color.org
 */
export function wantsColours(stream: { readonly isTTY?: boolean }, env: Environment): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && !env['CI'];
}

/** Makes a painter for a stream that wants colours, or for one that does not. */
export function createPaint(isColoured: boolean): Paint {
  // The decision is made here: styleText would look at standard output, whatever stream is meant.
  return (style, text) => (isColoured ? styleText(style, text, { validateStream: false }) : text);
}
