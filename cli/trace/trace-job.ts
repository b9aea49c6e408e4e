import { fieldOf, listOf, numberOf, textOf } from '../json-fields.ts';
import { aboutDelay, aboutQueue, aboutRun } from './describe-time.ts';
import { readTracedJob, type TracedJob, timeOf } from './traced-job.ts';

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

/** `running` is a run whose phases are not known: it has not ended, was cut off, or failed by our fault. */
export const SPAN_NAMES = [
  'delayed',
  'queued',
  'running',
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
 * @param nowMs Unix time by the clock of this machine; it counts only where the answers do not tell the database's
 * @returns `null` when the first answer is no job
 */
export function traceJob({ job, result, delivery }: JobAnswers, nowMs: number): Trace | null {
  const traced = readTracedJob(job, nowMs);
  if (traced === null) return null;
  const { state, began, claimed, finished, until, hasPhases } = traced;
  const spans: Span[] = [];
  let at = 0;
  const add: Add = (name, ms, about = '') => {
    spans.push({ name, about, from_ms: round(at), ms: round(ms) });
    at += ms;
  };
  addWait(add, traced);
  if (hasPhases) {
    addPhases(add, fieldOf(job, 'timings'), result);
    if (finished !== null) add('stored', Math.max(0, finished - began - at));
  } else if (claimed !== null) add('running', Math.max(0, until - claimed), aboutRun(traced));
  addTries(spans, began, delivery);
  return {
    id: numberOf(job, 'id'),
    state,
    began_at: new Date(began).toISOString(),
    total_ms: Math.max(0, ...spans.map(({ from_ms, ms }) => from_ms + ms)),
    spans,
  };
}

type Add = (name: Span['name'], ms: number, about?: string) => void;

/** Up to its run, or where it had none to its end or now: the delay that was asked for, and the queue. */
function addWait(add: Add, job: TracedJob): void {
  const { began, released, claimed, until } = job;
  const end = claimed ?? until;
  const delayedMs = released === null ? 0 : Math.max(0, Math.min(released, end) - began);
  const queuedMs = Math.max(0, end - began - delayedMs);
  const isAll = released !== null && released > began && queuedMs === 0 && claimed === null;
  if (delayedMs > 0 || isAll) add('delayed', delayedMs, aboutDelay(job, isAll));
  if (!isAll) add('queued', queuedMs, aboutQueue(job));
}

function addPhases(add: Add, timings: unknown, result: unknown): void {
  for (const phase of RUN_PHASES) {
    const ms = numberOf(timings, `${phase}_ms`);
    if (ms !== null) add(phase, ms);
  }
  addCommands(add, numberOf(timings, 'commands_ms'), result);
}

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

/** Times of the database have more digits than make sense. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
