import { type LabelsOf, type MetricRow, type Metrics, metricTable } from "@sallyport/server-kit";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { programVersion } from "./program-version.ts";

type Name = keyof typeof metricTable;
type Read = () => Iterable<readonly [labels: { readonly [label: string]: string }, value: number]>;

/**
 * The smallest bucket is for the answer of a store on the same machine. The largest bucket is for a login
 * that waited for its turn.
 */
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The constructor removes these gauges of Node. Their names end with `_total`, which Prometheus reserves for
 * counters. Each gauge is only the sum of the gauge whose name lacks this ending.
 */
const misnamed = ["resources", "handles", "requests"].map((what) => `nodejs_active_${what}_total`);

/**
 * The metrics of one process in the text format of Prometheus. They include metrics of Node, such as memory
 * and event loop lag.
 */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<Name, Counter>();
  readonly #histograms = new Map<Name, Histogram>();
  readonly #watched = new Map<Name, Read[]>();

  constructor() {
    const registers = [this.#registry];
    for (const [name, row] of Object.entries(metricTable) as [Name, MetricRow][]) {
      const { kind, name: shown, doc, labels, together } = row;
      const aggregator = together === undefined ? {} : { aggregator: together };
      const of = { name: shown, help: doc, labelNames: [...labels], registers, ...aggregator };
      if (kind === "counter") this.#counters.set(name, new Counter(of));
      else if (kind === "histogram")
        this.#histograms.set(name, new Histogram({ ...of, buckets: secondsBuckets }));
      else this.#watched.set(name, watchedGauge(of));
    }
    // The metrics of Node keep their usual names, because common dashboards expect these names.
    collectDefaultMetrics({ register: this.#registry });
    this.watch("build", { version: programVersion }, () => 1);
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Returns the metrics as JSON, for the process that sums up several workers. */
  asJson() {
    return this.#registry.getMetricsAsJSON();
  }

  count<N extends Name>(name: N, labels: LabelsOf<N>): void {
    this.#counters.get(name)?.inc(labels);
  }

  observe<N extends Name>(name: N, labels: LabelsOf<N>, seconds: number): void {
    this.#histograms.get(name)?.observe(labels, seconds);
  }

  watch<N extends Name>(name: N, labels: LabelsOf<N>, read: () => number): void {
    this.watchEach(name, () => [[labels, read()]]);
  }

  watchEach<N extends Name>(name: N, read: () => Iterable<readonly [LabelsOf<N>, number]>): void {
    this.#watched.get(name)?.push(read);
  }
}

function watchedGauge(of: ConstructorParameters<typeof Gauge>[0]) {
  const watched: Read[] = [];
  new Gauge({
    ...of,
    collect() {
      this.reset();
      // Two servers in one process can report the same gauge. The gauge then shows the sum.
      for (const read of watched) for (const [labels, value] of read()) this.inc(labels, value);
    },
  });
  return watched;
}
