/** The metrics that one request to /metrics returned. */
export interface Metrics {
  /** The sum of all values whose labels include the given ones. 0 if there are none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
  /** The values of one metric, by the value of one label. */
  by(name: string, label: string): Readonly<Record<string, number>>;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Parses the text format of Prometheus. Does not parse escapes in labels, because servers here write none.
 */
export function readMetrics(text: string): Metrics {
  const samples = text.split("\n").flatMap(readSample);
  const named = (name: string): Sample[] => samples.filter((sample) => sample.name === name);
  return {
    value: (name, labels = {}) =>
      named(name)
        .filter((sample) =>
          Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted),
        )
        .reduce((sum, { value }) => sum + value, 0),
    by(name, label) {
      const sums: Record<string, number> = {};
      for (const { labels, value } of named(name)) {
        const key = labels[label] ?? "";
        sums[key] = (sums[key] ?? 0) + value;
      }
      return sums;
    },
  };
}

function readSample(line: string): Sample[] {
  const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) return [];
  const [, name = "", labels = "", value = ""] = match;
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = "", of = ""]) => [label, of]);
  return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
}
