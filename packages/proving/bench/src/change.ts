import { columns } from "@sallyport/bots";
import { type BenchReport, type Case, ratioNames } from "./report.ts";
import { short } from "./short.ts";

type Cases = Pick<BenchReport, "cases">;
type RatioName = (typeof ratioNames)[number];

/**
 * Compares the ratios of two runs. It does not compare their figures, because figures differ more between
 * machines.
 */
export function describeChange(before: Cases, now: Cases): string[] {
  const pairs = now.cases.flatMap((each) => {
    const old = before.cases.find(({ scenario, name }) => scenario === each.scenario && name === each.name);
    return old === undefined ? [] : [{ old, each }];
  });
  if (pairs.length === 0) return ["", "The other run has none of these cases."];
  const rows = pairs.map(({ old, each }) => [
    `${each.scenario}, ${each.name}`,
    ...ratioNames.map((name) => describeRatio(old, each, name)),
  ]);
  const most = Math.max(...pairs.map(({ old, each }) => Math.abs(percentOf(old, each, "perSecond"))));
  return [
    "",
    ...columns([["ratio, before → now", "rate", "p50", "p99", "cpu"], ...rows]),
    "",
    `The ratios of rates changed by at most ${most} %.`,
  ];
}

function describeRatio(old: Case, each: Case, name: RatioName): string {
  const percent = percentOf(old, each, name);
  const change = Number.isFinite(percent) ? `${percent >= 0 ? "+" : ""}${percent} %` : "–";
  return `${short(old.ratio[name].median)} → ${short(each.ratio[name].median)} (${change})`;
}

const percentOf = (old: Case, each: Case, name: RatioName): number =>
  Math.round((each.ratio[name].median / old.ratio[name].median - 1) * 100);
