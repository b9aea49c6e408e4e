import { fieldOf, listOf, numberOf, textOf } from '../json-fields.ts';

/** A stretch of a job's time. */
export interface Span {
  /** `queued`, `command`, … */
  readonly name: (typeof SPAN_NAMES)[number];
  /** What it was about; untrusted. */
  readonly about: string;
  /** From the beginning. */
  readonly from_ms: number;
  readonly ms: number;
}

/** Where a job's time went. */
export interface Trace {
  readonly id: number | null;
  readonly state: string;
  /** When its present generation arrived. */
  readonly began_at: string;
  /** Until its result was delivered, or as far as it has come. */
  readonly total_ms: number;
  /** In the order in which they began. */
  readonly spans: readonly Span[];
}

/** Answers of the API about one job; its texts are untrusted. */
export interface JobAnswers {
  /** `GET /jobs/:id`. */
  readonly job: unknown;
  /** `GET /jobs/:id/result`; `null` while there is none. */
  readonly result: unknown;
  /** `GET /deliveries/:id` of that result; `null` while there is none. */
  readonly delivery: unknown;
}

export const SPAN_NAMES = [
  'delayed',
  'queued',
  'image',
  'files',
  'container',
  'unpack',
  'command',
  'between',
  'stored',
  'delivery',
] as const;

const RUN_PHASES = ['image', 'files', 'container', 'unpack'] as const;

/**
 * Lays a job's time out: pure.
 *
 * @returns `null` when the first answer is no job
 */
export function traceJob({ job, result, delivery }: JobAnswers): Trace | null {
  const began = timeOf(job, 'arrived_at');
  if (began === null) return null;
  const spans: Span[] = [];
  let at = 0;
  const add = (name: Span['name'], ms: number, about = ''): void => {
    if (ms > 0 || name !== 'delayed') spans.push({ name, about, from_ms: round(at), ms: round(ms) });
    at += ms;
  };
  const released = Math.max(began, timeOf(job, 'release_at') ?? began);
  const timings = fieldOf(job, 'timings');
  const claimed = timeOf(job, 'claimed_at');
  const isWaiting = claimed === null;
  const waitedMs = isWaiting ? (numberOf(timings, 'queued_ms') ?? 0) : Math.max(0, claimed - released);
  add('delayed', isWaiting && waitedMs === 0 ? 0 : released - began, 'until its release time');
  add('queued', waitedMs);
  for (const phase of RUN_PHASES) {
    const ms = numberOf(timings, `${phase}_ms`);
    if (ms !== null) add(phase, ms);
  }
  addCommands(add, numberOf(timings, 'commands_ms'), result);
  const finished = timeOf(job, 'finished_at');
  if (finished !== null) add('stored', Math.max(0, finished - began - at));
  addTries(spans, began, delivery);
  return {
    id: numberOf(job, 'id'),
    state: textOf(job, 'state') ?? '',
    began_at: new Date(began).toISOString(),
    total_ms: Math.max(0, ...spans.map(({ from_ms, ms }) => from_ms + ms)),
    spans,
  };
}

type Add = (name: Span['name'], ms: number, about?: string) => void;

function addCommands(add: Add, commandsMs: number | null, result: unknown): void {
  if (commandsMs === null) return;
  let left = commandsMs;
  for (const response of listOf(result, 'shell_responses')) {
    const ms = Math.min(left, numberOf(fieldOf(response, 'usage'), 'wall_ms') ?? 0);
    add('command', ms, commandOf(response));
    left -= ms;
  }
  add('between', left, 'commands, killing what they left, reading what they printed');
}

function commandOf(response: unknown): string {
  const cmd = fieldOf(response, 'cmd');
  return Array.isArray(cmd) ? cmd.join(' ') : String(cmd);
}

/** Each POST stands where it was, the waits between them show. */
function addTries(spans: Span[], began: number, delivery: unknown): void {
  for (const one of listOf(delivery, 'tries').toReversed()) {
    const ended = timeOf(one, 'ended_at');
    if (ended === null) continue;
    const ms = numberOf(one, 'duration_ms') ?? 0;
    const answer = numberOf(one, 'status_code') ?? textOf(one, 'error') ?? 'no answer';
    const about = `${textOf(one, 'outcome')}: ${answer}`;
    spans.push({ name: 'delivery', about, from_ms: round(Math.max(0, ended - ms - began)), ms: round(ms) });
  }
}

function timeOf(value: unknown, name: string): number | null {
  const ms = Date.parse(textOf(value, name) ?? '');
  return Number.isNaN(ms) ? null : ms;
}

/** Times of the database have more digits than make sense. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
