import { resolve } from 'node:path';
import { Option } from 'commander';
import { REPOSITORY } from './repository.ts';

// What several commands ask for has one name, one default and one sentence in all of them.

/** `--data`: the folder that `orca up` or `orca demo` keeps everything in. */
export function dataOption(sentence: string): Option {
  return new Option('--data <folder>', sentence)
    .argParser((path: string) => resolve(path))
    .default(REPOSITORY.defaultData, '.orca in this checkout');
}

/** `--server`: which Orca is talked to. */
export function serverOption(): Option {
  return new Option('--server <url>', 'the API server; else ORCA_SERVER, else http://127.0.0.1:4000');
}

/** `--key`: as whom. */
export function keyOption(needs: string): Option {
  return new Option('--key <key>', `the API key, ${needs}; better in ORCA_API_KEY, where nobody sees it`);
}

/** `--json`: for programs. */
export function jsonOption(sentence: string): Option {
  return new Option('--json', sentence).default(false);
}
