/**
 * A rule of ours says no for good (the address policy, a redirect, an encoding): another try would end alike.
 *
 * The message is a clause that names neither host nor URL.
 */
export class RefusedError extends Error {
  readonly code = 'refused';
}
