import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Label → value. */
type Labels<L extends string> = Readonly<Record<L, string>>;

/**
 * What a process counts and measures, for Prometheus. Names begin with `orca_`, and end in their unit: `_total`, `_seconds`,
 * `_bytes`.
 */
export interface Metrics {
  /**
   * Something that only grows.
   *
   * @param atZero told as 0 before they are first added to. What begins to be told with 1 has not grown for Prometheus:
   *   an alert on its growth would miss the first
   * @returns adds `by`, 1 unless given
   */
  counter<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    atZero?: readonly Labels<L>[],
  ): (labels: Labels<L>, by?: number) => void;
  /** A distribution. @returns notes one value, in seconds */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
  ): (labels: Labels<L>, seconds: number) => void;
  /** Something that is read when it is asked for. */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labels: readonly L[],
    read: () => Iterable<GaugeValue<L>> | Promise<Iterable<GaugeValue<L>>>,
  ): void;
  /** All of it, in Prometheus' text format. A gauge that cannot be read is left out. */
  render(): Promise<string>;
  /** Name, kind, help and labels of each, as they were declared; those of the process itself left out. */
  list(): readonly DeclaredMetric[];
}

/** One value of a gauge. */
export type GaugeValue<L extends string> = { readonly labels: Labels<L>; readonly value: number };

/** A metric, for the reference page. */
export interface DeclaredMetric {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
}

/** From a wake-up to the longest job, in seconds. */
const SECONDS_BUCKETS = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600,
];

/**
 * How often Node looks whether its event loop is late, and so the least lag that it tells. The library's 10 ms wake every
 * process a hundred times a second, also one that has nothing to do: 9 ms of processor time in each second.
 */
const LAG_LOOK_MS = 100;

/** The media type of {@link Metrics.render}. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Makes the metrics of one process: none yet but those of the process itself (memory, file descriptors, event loop). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const declared: DeclaredMetric[] = [];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_LOOK_MS });
  const declare = (kind: DeclaredMetric['kind'], name: string, help: string, labels: readonly string[]) => {
    declared.push({ name, kind, help, labels });
    return { name, help, labelNames: [...labels], registers: [registry] };
  };
  return {
    counter(name, help, labels = [], atZero = []) {
      const counter = new Counter(declare('counter', name, help, labels));
      for (const values of atZero) counter.inc(values, 0);
      return (values, by = 1) => counter.inc(values, by);
    },
    histogram(name, help, labels = []) {
      const options = declare('histogram', name, help, labels);
      const histogram = new Histogram({ ...options, buckets: SECONDS_BUCKETS });
      return (values, seconds) => histogram.observe(values, seconds);
    },
    gauge(name, help, labels, read) {
      new Gauge({
        ...declare('gauge', name, help, labels),
        async collect() {
          this.reset();
          this.remove({}); // one without labels would be told as 0
          try {
            for (const { labels: values, value } of await read()) this.set(values, value);
          } catch {
            // Left out: that it is missing says more than a number that is old.
          }
        },
      });
    },
    render: () => registry.metrics(),
    list: () => declared,
  };
}
