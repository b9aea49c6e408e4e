import assert from 'node:assert/strict';
import type { Received, ReceivedPost } from '../kit/fake-client.ts';
import type { AttackJob, ExpectedCommand } from './read-attacks.ts';

type Response = NonNullable<Received['shell_responses']>[number];

/** Asserts that a result is what its job must come to, and no more. */
export function judgeResult(job: AttackJob, { json, body }: ReceivedPost): void {
  const seen = describe(json);
  const errors = json.errors ?? [];
  if (!(job.may_die && errors.length === 0)) assert.equal(errors.length, job.errors?.length ?? 0, seen);
  for (const [index, error] of errors.entries())
    assert.match(error, new RegExp(job.errors?.[index] ?? 'no error'), seen);

  const responses = json.shell_responses ?? [];
  assert.equal(responses.length, job.commands.length, seen);
  for (const [index, response] of responses.entries()) {
    const expected = job.commands[index];
    assert.ok(expected, seen);
    const wasSpared = job.may_die && errors.length === 0 && index === responses.length - 1;
    if (wasSpared) {
      assert.ok(response.is_error, seen);
      judgeLimit(expected, response, seen);
    } else judgeCommand(expected, response, `command ${index} of ${seen}`);
  }
  if (job.output === undefined) assert.equal(json.output, undefined, seen);
  else judgeText(job.output, json.output ?? '', seen);
  for (const pattern of job.never ?? []) assert.doesNotMatch(body.toString(), new RegExp(pattern));
}

function judgeCommand(expected: ExpectedCommand, response: Response, seen: string): void {
  assert.equal(response.status_code, expected.status, seen);
  assert.equal(response.timed_out, expected.timed_out ?? false, seen);
  judgeLimit(expected, response, seen);
  if (expected.stdout !== undefined) judgeText(expected.stdout, response.stdout, seen);
  if (expected.stderr !== undefined) judgeText(expected.stderr, response.stderr, seen);
}

function judgeLimit({ limit }: ExpectedCommand, response: Response, seen: string): void {
  if (limit === undefined) assert.equal(response.limit, undefined, seen);
  else assert.match(`${response.limit?.kind}: ${response.limit?.sentence}`, new RegExp(limit), seen);
}

function judgeText(expected: string | readonly string[], text: string, seen: string): void {
  if (typeof expected === 'string') assert.match(text, new RegExp(expected), seen);
  else assert.deepEqual(text.split('\n'), expected);
}

const SHOWN_CHARACTERS = 2_000;

/** Without the middles of floods. */
function describe(json: Received): string {
  const short = (text: string): string =>
    text.length <= SHOWN_CHARACTERS
      ? text
      : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)`;
  const responses = json.shell_responses?.map(({ cmd: _, ...response }) => ({
    ...response,
    stdout: short(response.stdout),
    stderr: short(response.stderr),
  }));
  return JSON.stringify(
    { errors: json.errors, output: json.output && short(json.output), responses },
    null,
    1,
  );
}
