import { EngineError } from './engine-error.ts';

/** In the engine's own words, and in a command's: there is no code for it. */
const NO_ROOM = /no space left on device|disk quota exceeded/i;

/** From here on the engine says that it failed, not that what it was asked for is wrong. */
const HTTP_SERVER_ERROR = 500;

/** Whether a text speaks of a full disk. A command can print what it likes: only a reason to look. */
export function tellsOfNoRoom(text: string): boolean {
  return NO_ROOM.test(text);
}

/** Whether the engine refused something since its disk is full. */
export function saysNoRoom(error: unknown): boolean {
  return error instanceof EngineError && tellsOfNoRoom(error.reason ?? '');
}

/** Whether the engine says that it failed itself. With a full disk it does not always say so. */
export function isEngineFailure(error: unknown): boolean {
  return error instanceof EngineError && (error.status ?? 0) >= HTTP_SERVER_ERROR;
}
