import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 compile nothing more in the background: what it makes of a few hundred entries of an archive costs a quarter of
 * unpacking them, and is never paid back. For good: the process is to end soon. As arguments of Node the flags would cost
 * more than they save: it compiles its own modules anew, then.
 */
export function stopOptimising(): void {
  setFlagsFromString('--no-opt');
  setFlagsFromString('--no-maglev');
}
