import type { BenchReport, Case, Figure, ReachedMark } from "./report.ts";

type Results = Pick<BenchReport, "cases" | "figures">;

interface Mark extends Omit<ReachedMark, "reached"> {
  /** Returns undefined if the run did not measure this mark. */
  readonly of: (results: Results) => number | undefined;
}

const caseIn = ({ cases }: Results, scenario: string, name: string): Case | undefined =>
  cases.find((each) => each.scenario === scenario && each.name === name);
const figureIn = ({ figures }: Results, scenario: string, name: string): Figure | undefined =>
  figures.find((each) => each.scenario === scenario && each.name === name);

const rate =
  (scenario: string, name: string) =>
  (results: Results): number | undefined =>
    caseIn(results, scenario, name)?.ratio.perSecond.median;
/** Returns our time divided by the time of the bound. */
const time =
  (scenario: string, name: string) =>
  (results: Results): number | undefined => {
    const perSecond = rate(scenario, name)(results);
    return perSecond === undefined ? undefined : 1 / perSecond;
  };
const memory =
  (scenario: string, name: string) =>
  (results: Results): number | undefined =>
    figureIn(results, scenario, name)?.servers.median;

const least = { bound: "least" } as const;
const most = { bound: "most" } as const;
const hop = "full hop, Ragnarok";
const crowd = "crowd on one cell";
const reclaim = "reclaim";

/** The project wants to reach these marks. A ratio is our figure divided by the figure of the bound. */
const marks: readonly Mark[] = [
  ...[16, 64, 256].map((clients) => ({
    ...least,
    name: `hops/s beside the floor, ${clients} clients`,
    of: rate(hop, `${clients} clients`),
    ...{ must: 0.9, aim: 1.2 },
  })),
  {
    ...most,
    name: "hops that failed",
    of: ({ cases }) => failedIn(cases.filter(({ scenario }) => scenario === hop)),
    ...{ must: 0, aim: null },
  },
  {
    ...most,
    name: "processor per hop beside the floor, 64 clients",
    of: (results) => caseIn(results, hop, "64 clients")?.ratio.processorMsTotal.median,
    ...{ must: 1.1, aim: 0.7 },
  },
  {
    ...most,
    name: "p99 / p50 of a hop, 64 clients",
    of: (results) => {
      const ours = caseIn(results, hop, "64 clients")?.ours;
      return ours && ours.p99Ms.median / ours.p50Ms.median;
    },
    ...{ must: 3, aim: 2 },
  },
  {
    ...most,
    name: "p50 of a hop beside the floor, 1 client",
    of: (results) => caseIn(results, hop, "1 client")?.ratio.p50Ms.median,
    ...{ must: 1.5, aim: 1.1 },
  },
  {
    ...least,
    name: "hops/s of one process beside three, 64 clients",
    of: rate("one process", "64 clients"),
    ...{ must: 1.5, aim: 2 },
  },
  ...["Ragnarok", "native"].map((wire) => ({
    ...least,
    name: `hops/s with limits on logins beside none, ${wire}`,
    of: rate(`limits on logins, full hop, ${wire}`, "16 clients"),
    ...{ must: 0.95, aim: null },
  })),
  {
    ...least,
    name: "cold raw logins/s beside argon2id alone",
    of: rate("cold login", "16 clients"),
    ...{ must: 0.93, aim: null },
  },
  {
    ...most,
    name: "1,000 come to one cell, time beside a bare fan-out",
    of: time(crowd, "1000 come"),
    ...{ must: 3, aim: 1.5 },
  },
  {
    ...most,
    name: "1,000 leave, time beside their coming",
    of: (results) => {
      const [come, leave] = ["come", "leave"].map((what) => caseIn(results, crowd, `1000 ${what}`)?.ours);
      return come && leave && come.perSecond.median / leave.perSecond.median;
    },
    ...{ must: 0.3, aim: 0.1 },
  },
  {
    ...most,
    name: "KB of memory a player, 1,000 on one cell",
    of: memory(crowd, "1000, memory a player"),
    ...{ must: 100, aim: 40 },
  },
  {
    ...most,
    name: "KB of memory a player, 3,000 spread out",
    of: memory("spread out", "3000, memory a player"),
    ...{ must: 24, aim: 16 },
  },
  ...["memory", "Redis"].map((store) => ({
    ...most,
    name: `100,000 locks reclaimed, time beside bare changes, ${store}`,
    of: time(reclaim, `100000 locks, ${store}`),
    ...{ must: 1.5, aim: null },
  })),
  {
    ...least,
    name: "requests/s of a link beside msgpackr",
    of: rate("link", "64 under way"),
    ...{ must: 0.6, aim: null },
  },
];

/** Returns undefined if there are no cases. */
const failedIn = (cases: readonly Case[]): number | undefined =>
  cases.length === 0 ? undefined : cases.reduce((sum, { ours }) => sum + ours.failed, 0);

export const marksReached = (results: Results): readonly ReachedMark[] =>
  marks.map(({ of, ...mark }) => ({ ...mark, reached: of(results) ?? null }));
