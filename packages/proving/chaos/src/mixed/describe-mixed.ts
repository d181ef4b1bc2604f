import { columns, durationsOf, Histogram } from "@sallyport/bots";
import { playerProtocols } from "@sallyport/rig";
import type { History } from "../history/history.ts";
import type { MixedRun } from "./run-mixed.ts";

/** The calls by which a client of any protocol comes into the world, and leaves it. */
const timed = ["login", "map enter", "leave"];

/** How often clients of each protocol came, how long that took, and how often they heard each other. */
export function describeMixed({ history, hearing, records }: Omit<MixedRun, "verdict">): string[] {
  const names = playerProtocols.map(({ name }) => name);
  const visits = records.flatMap((record) => record.visits);
  const count = (wanted: string): number => visits.filter((protocol) => protocol === wanted).length;
  return [
    "",
    ...columns([
      ["ms, p50 / p95", "visits", ...timed],
      ...names.map((name) => [name, String(count(name)), ...timed.map((call) => times(history, name, call))]),
    ]),
    "",
    ...columns([
      ["heard by", ...names],
      ...names.map((from) => [from, ...names.map((to) => String(hearing.times(from, to)))]),
    ]),
  ];
}

function times(history: History, protocol: string, call: string): string {
  const histogram = new Histogram();
  for (const each of history.of("call")) {
    if (each.protocol === protocol && each.call === call && each.answer === "ok")
      histogram.add(each.atMs - each.askedMs);
  }
  const { count, p50, p95 } = durationsOf(histogram);
  return count === 0 ? "–" : `${Math.round(p50)} / ${Math.round(p95)}`;
}
