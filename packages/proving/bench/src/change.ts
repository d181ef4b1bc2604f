import { columns } from "@sallyport/bots";
import { type BenchReport, ratioNames } from "./report.ts";
import { short } from "./short.ts";

/**
 * Describes how the ratios changed since another run. Ratios differ less between machines than figures do.
 */
export function describeChange(
  before: Pick<BenchReport, "cases">,
  now: Pick<BenchReport, "cases">,
): string[] {
  const rows = now.cases.flatMap((each) => {
    const old = before.cases.find(({ scenario, name }) => scenario === each.scenario && name === each.name);
    if (old === undefined) return [];
    return [
      [
        `${each.scenario}, ${each.name}`,
        ...ratioNames.map((name) => {
          const [was, is] = [old.ratio[name].median, each.ratio[name].median];
          const percent = Math.round((is / was - 1) * 100);
          return `${short(was)} → ${short(is)} (${percent >= 0 ? "+" : ""}${percent} %)`;
        }),
      ],
    ];
  });
  if (rows.length === 0) return ["", "The other run has none of these cases."];
  return ["", ...columns([["ratio, before → now", "rate", "p50", "p99", "cpu"], ...rows])];
}
