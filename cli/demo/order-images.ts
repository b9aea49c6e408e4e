import { setTimeout as pause } from 'node:timers/promises';
import { baseImageSha, plainLine, plainText } from '@orca/protocol';
import { UserError } from '../user-error.ts';
import type { Example } from './load-example.ts';
import { imageSentence, postImage } from './orca-api.ts';
import type { BuildOutcome } from './read-post.ts';

/** Takes what a client is told about images, and hands it to who waits for it. */
export interface OutcomeInbox {
  receive(example: string, outcome: BuildOutcome): void;
  /** Resolves with how the build that an example asked for ended. */
  expect(example: string): Promise<BuildOutcome>;
}

/** What ordering images needs. */
export interface OrderDeps {
  readonly orcaUrl: string;
  /** Where the outcome of an example's build is to be POSTed. */
  outcomeUrl(example: string): string;
  readonly outcomes: OutcomeInbox;
  /** Gets the example and what happened to its image, in words. */
  readonly onEvent: (example: string, what: string) => void;
  /** How often to tell how far a build is. */
  readonly tellMs: number;
}

/** An image that was asked for. */
export interface OrderedImage {
  readonly example: string;
  /**
   * Resolves when it is there; tells how far it is meanwhile.
   *
   * @throws {UserError} with the log, when it cannot be built
   */
  untilReady(signal: AbortSignal): Promise<void>;
}

const LINE_CHARACTERS_MAX = 300;

/** Makes an inbox; what comes before somebody waits for it is kept for them. */
export function createOutcomeInbox(): OutcomeInbox {
  const arrivals = new Map<string, PromiseWithResolvers<BuildOutcome>>();
  const arrivalOf = (example: string): PromiseWithResolvers<BuildOutcome> => {
    const arrival = arrivals.get(example) ?? Promise.withResolvers<BuildOutcome>();
    arrivals.set(example, arrival);
    return arrival;
  };
  return {
    receive: (example, outcome) => arrivalOf(example).resolve(outcome),
    expect: (example) => arrivalOf(example).promise,
  };
}

/**
 * Sends the Dockerfiles of examples, as an instructor's course site does; those that run on the base image itself need
 * none.
 *
 * @returns when Orca has taken all: from then on it takes jobs for them
 * @throws {UserError} with Orca's sentences when one is not taken
 */
export async function orderImages(examples: readonly Example[], deps: OrderDeps): Promise<OrderedImage[]> {
  const needed = examples.filter((example) => example.imageSha !== baseImageSha());
  return Promise.all(needed.map((example) => orderImage(example, deps)));
}

async function orderImage(example: Example, deps: OrderDeps): Promise<OrderedImage> {
  const { name } = example;
  const order = {
    dockerfile_contents: example.dockerfile,
    dockerfile_sha_sum: example.imageSha,
    response_url: deps.outcomeUrl(name),
  };
  const taken = await postImage(deps.orcaUrl, order, name);
  for (const warning of taken.warnings) deps.onEvent(name, plainLine(warning, LINE_CHARACTERS_MAX));
  deps.onEvent(name, taken.isOwed ? 'its image is asked for' : 'its image is there already');
  return {
    example: name,
    untilReady: async (signal) => {
      // Whether it is there already or is being built: only who is owed an outcome is POSTed one.
      if (taken.isOwed) await untilBuilt(example, deps, signal);
    },
  };
}

async function untilBuilt({ name, imageSha }: Example, deps: OrderDeps, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const telling = tellOfBuild({ name, imageSha }, deps, AbortSignal.any([signal, over.signal]));
  const outcome = await deps.outcomes.expect(name).finally(() => over.abort());
  await telling;
  if (!outcome.wasSuccessful) throw new UserError(renderFailure(name, outcome));
  const [summary] = outcome.logs;
  deps.onEvent(name, `its image is there: ${plainLine(summary?.output ?? '', LINE_CHARACTERS_MAX)}`);
}

/** Says now and then how far it is, until it is over; a question that gets no answer is left out. */
async function tellOfBuild(
  { name, imageSha }: Pick<Example, 'name' | 'imageSha'>,
  { orcaUrl, onEvent, tellMs }: OrderDeps,
  over: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(tellMs, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    const sentence = await imageSentence(orcaUrl, imageSha).catch(() => '');
    if (sentence !== '' && !over.aborted)
      onEvent(name, plainLine(sentence.replace(/^Your grader image/, 'its image'), LINE_CHARACTERS_MAX));
  }
}

function renderFailure(name: string, { logs }: BuildOutcome): string {
  const entries = logs.flatMap(({ step, output, error }) => [
    plainLine(step, LINE_CHARACTERS_MAX),
    ...plainText(`${output}\n${error}`)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  ${line}`),
  ]);
  const reason = logs.find(({ error }) => error !== '')?.error ?? 'the reason is not known';
  const sentence = `Cannot build the image of "${name}": ${plainLine(reason, LINE_CHARACTERS_MAX)}`;
  return `${entries.join('\n')}\n${sentence}; its log is above`;
}
