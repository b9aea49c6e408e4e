import { createHash, randomBytes } from 'node:crypto';
import { Type } from 'typebox';
import type { Logger } from './logger.ts';
import { defineSettings } from './settings.ts';

/** The setting of daemons that send spans. */
export const spanSettings = defineSettings({
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: Type.String({ pattern: '^https?://', description: 'an http(s) URL' }),
    default: null,
    doc: 'An OpenTelemetry collector (OTLP over HTTP, JSON) that the phases of jobs are sent to as spans; unset: none is.',
  },
});

/** A stretch of time. Times are Unix times in milliseconds. */
export interface Span {
  /** Spans with the same one are of one trace. */
  readonly trace: string;
  /** The one that all others of its trace are parts of. */
  readonly isRoot?: true;
  /** It is a part of nothing: its trace has no root. */
  readonly isAlone?: true;
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** Where spans go. */
export interface SpanExporter extends AsyncDisposable {
  /** Takes spans down; never waits, never throws. Those that nobody takes in time are lost. */
  add(spans: readonly Span[]): void;
}

const PATH = 'v1/traces';
const SEND_AFTER_MS = 1_000;
const ANSWER_MS_MAX = 5_000;
/** What waits for a collector that does not answer. */
const WAITING_MAX = 2_000;

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const KIND_INTERNAL = 1;
const NS_PER_US = 1_000n;
const US_PER_MS = 1_000;

/**
 * Sends spans to a collector, in batches. What cannot be sent is dropped: they are there to look at, and a job never waits
 * for them. Disposing of it sends what is left.
 *
 * @param endpoint OTEL_EXPORTER_OTLP_ENDPOINT; `null`: all are dropped at once
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function openSpanExporter(
  endpoint: string | null,
  service: string,
  { log }: { readonly log: Logger },
): SpanExporter {
  if (endpoint === null) return { add: () => undefined, [Symbol.asyncDispose]: async () => undefined };
  const url = new URL(PATH, endpoint.endsWith('/') ? endpoint : `${endpoint}/`);
  let waiting: Span[] = [];
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let sending: Promise<void> | null = null;
  const send = async (spans: readonly Span[]): Promise<void> => {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(encodeSpans(spans, service)),
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`Cannot send spans: the collector answered ${answer.status}`);
      failures = 0;
    } catch (err) {
      failures += 1;
      if (failures === 1)
        log.warn({ err }, 'spans are lost: the collector of OTEL_EXPORTER_OTLP_ENDPOINT does not take them');
    }
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (sending !== null || waiting.length === 0) return;
    const spans = waiting;
    waiting = [];
    // One at a time: behind a collector that is silent, requests would pile up, and the end would wait for all of them.
    sending = send(spans).then(() => {
      sending = null;
      if (waiting.length > 0) flushSoon();
    });
  };
  const flushSoon = (): void => {
    timer ??= setTimeout(flush, SEND_AFTER_MS).unref();
  };
  return {
    add(spans) {
      waiting = [...waiting, ...spans].slice(-WAITING_MAX);
      if (sending === null) flushSoon();
    },
    async [Symbol.asyncDispose]() {
      await sending;
      flush();
      await sending;
    },
  };
}

/** The body of a request to a collector: pure but for the ids of spans. */
export function encodeSpans(spans: readonly Span[], service: string): unknown {
  return {
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes({ 'service.name': service }) },
        scopeSpans: [{ scope: { name: 'orca' }, spans: spans.map(encodeSpan) }],
      },
    ],
  };
}

function encodeSpan({ trace, isRoot, isAlone, name, fromMs, toMs, attributes }: Span): unknown {
  // From the name of the trace, so that processes that never met tell of the same one.
  const digest = createHash('sha256').update(trace).digest();
  const rootId = digest.subarray(TRACE_ID_BYTES, TRACE_ID_BYTES + SPAN_ID_BYTES).toString('hex');
  return {
    traceId: digest.subarray(0, TRACE_ID_BYTES).toString('hex'),
    spanId: isRoot ? rootId : randomBytes(SPAN_ID_BYTES).toString('hex'),
    ...(isRoot || isAlone ? {} : { parentSpanId: rootId }),
    name,
    kind: KIND_INTERNAL,
    startTimeUnixNano: toNano(fromMs),
    endTimeUnixNano: toNano(Math.max(fromMs, toMs)),
    attributes: encodeAttributes(attributes),
  };
}

function toNano(ms: number): string {
  return String(BigInt(Math.round(ms * US_PER_MS)) * NS_PER_US);
}

function encodeAttributes(attributes: Span['attributes']): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }));
}

/** 64-bit numbers are texts in OTLP's JSON. */
function encodeValue(value: string | number | boolean): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
