import { expect, test } from "vitest";
import { frontProtocols } from "../src/players/protocols.ts";
import { runScaling } from "../src/scaling/run-scaling.ts";
import { judge } from "../src/scaling/verdict.ts";

/*
 * Runs `npm run scaling` at a small size: real processes, clients of all protocols, and one map-server that is
 * killed at the end.
 */

test("map-servers are added and removed, and every player stays connected, admitted and saved", async () => {
  const said: string[] = [];
  const report = await runScaling({
    ...{ bots: 12, residents: 6, ragnarok: 6, steps: [1, 3, 2], maps: 6, holdMs: 3_000 },
    ...{ others: 6, fronts: 2, loginServers: 2, gateway: true, settings: {} },
    tell: (line) => said.push(line),
  });
  const all = JSON.stringify({ said, report }, null, 2);
  expect(judge(report), all).toEqual([]);
  expect(new Set(report.others.flatMap(({ visits }) => visits)), all).toEqual(
    new Set(["a-series", ...frontProtocols.map(({ name }) => name)]),
  );
  expect(
    report.steps.map(({ maps }) => Object.values(maps).toSorted((a, b) => a - b)),
    all,
  ).toEqual([[7], [2, 2, 3], [3, 4]]);
});
