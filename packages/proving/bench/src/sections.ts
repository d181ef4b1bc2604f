import type { BenchReport, Case, Figure, ReachedMark, Side } from "./report.ts";
import { range, short } from "./short.ts";

/** One table of the report. The first row has the names of the columns. */
export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

export function sectionsOf({ cases, figures, marks }: BenchReport): readonly Section[] {
  const scenarios = new Set([...cases, ...figures].map(({ scenario }) => scenario));
  const of = (scenario: string): readonly Section[] => {
    const [ofCases, ofFigures] = [
      cases.filter((each) => each.scenario === scenario),
      figures.filter((each) => each.scenario === scenario),
    ];
    return [
      ...(ofCases.length === 0 ? [] : [{ title: scenario, rows: rowsOfCases(ofCases) }]),
      ...(ofFigures.length === 0 ? [] : [{ title: `${scenario}: use`, rows: rowsOfFigures(ofFigures) }]),
    ];
  };
  return [...[...scenarios].flatMap(of), { title: "marks", rows: rowsOfMarks(marks) }];
}

/** Returns lines about the machine, and lines about how to read the tables. */
export function preambleOf({ machine, size, startedAt }: BenchReport): readonly string[] {
  const { processor, cores, node, loadBefore, loadAfter } = machine;
  return [
    `${startedAt}: ${processor}, ${cores} cores, Node ${node}, load average ${short(loadBefore)} before and ${short(loadAfter)} after`,
    `medians of ${size.rounds} rounds; "ratio" is ours divided by the line above it, round by round`,
  ];
}

/** Returns lines about failed operations, and lines about generators that were too busy. */
export function remarksOn({ cases }: Pick<BenchReport, "cases">): readonly string[] {
  const sides = cases.flatMap((each) => [
    { name: `${each.scenario}, ${each.name}, ours`, side: each.ours },
    { name: `${each.scenario}, ${each.name}, ${each.bound}`, side: each.bare },
  ]);
  const failures = sides.flatMap(({ name, side }) =>
    Object.entries(side.failures).map(([kind, count]) => `  ${name}: ${count} × ${kind}`),
  );
  const busy = sides.flatMap(({ name, side }) =>
    side.processorMs["process"] === undefined && side.generatorBusy >= busyFrom
      ? [`  ${name}: ${Math.round(side.generatorBusy * 100)} %`]
      : [],
  );
  return [
    ...(failures.length === 0 ? ["Nothing failed."] : ["Failed:", ...failures]),
    ...(busy.length === 0 ? [] : ["A generator was busy; see --generators:", ...busy]),
  ];
}

/** If a generator is busy for more than this part of its time, it can limit a figure. */
const busyFrom = 0.9;

function rowsOfCases(cases: readonly Case[]): string[][] {
  const processes = [...new Set(cases.flatMap(({ ours }) => Object.keys(ours.processorMs)))];
  const unit = cases[0]?.unit ?? "";
  return [
    [
      ...["", `${unit}/s`, "least–most", "p50 ms", "p99 ms", "failed", "cpu ms"],
      ...[...processes, "generator", "bytes"],
    ],
    ...cases.flatMap((each) => {
      const { ours, bare, bound, ratio } = each;
      const side = (name: string, of: Side): string[] => [
        `${each.name}, ${name}`,
        ...[short(of.perSecond.median), range(of.perSecond), short(of.p50Ms.median), short(of.p99Ms.median)],
        ...[String(of.failed), short(of.processorMsTotal.median)],
        ...processes.map((process) => short(of.processorMs[process] ?? Number.NaN)),
        ...[short(of.generatorMs), short(of.bytes)],
      ];
      const { perSecond, p50Ms, p99Ms, processorMsTotal } = ratio;
      return [
        side(bound, bare),
        side("ours", ours),
        [
          ...["  ratio", short(perSecond.median), range(perSecond)],
          ...[short(p50Ms.median), short(p99Ms.median), "", short(processorMsTotal.median)],
          ...[...processes, "", ""].map(() => ""),
        ],
      ];
    }),
  ];
}

function rowsOfFigures(figures: readonly Figure[]): string[][] {
  const processes = [...new Set(figures.flatMap((each) => Object.keys(each.processes)))];
  return [
    ["", "unit", "servers", "least–most", ...processes],
    ...figures.map((each) => [
      ...[each.name, each.unit, short(each.servers.median), range(each.servers)],
      ...processes.map((process) => short(each.processes[process] ?? Number.NaN)),
    ]),
  ];
}

function rowsOfMarks(marks: readonly ReachedMark[]): string[][] {
  return [
    ["", "reached", "must", "aim", ""],
    ...marks.map(({ name, reached, must, aim, bound }) => {
      const sign = bound === "least" ? "≥" : "≤";
      const mark = (value: number | null): string => (value === null ? "" : `${sign} ${value}`);
      return [
        ...[name, reached === null ? "–" : short(reached), mark(must), mark(aim)],
        verdictOn({ reached, must, aim, bound }),
      ];
    }),
  ];
}

function verdictOn({ reached, must, aim, bound }: Omit<ReachedMark, "name">): string {
  if (reached === null) return "not measured";
  const isMet = (mark: number): boolean => (bound === "least" ? reached >= mark : reached <= mark);
  if (!isMet(must)) return "missed";
  return aim !== null && isMet(aim) ? "aim" : "met";
}
