import { counted } from "@sallyport/command-line";
import type { BotsProgress } from "./run-bots.ts";

export function progressLine(progress: BotsProgress): string {
  const { phase, prepared, bots, running, inMap, elapsedMs, durationMs, hops, refusals, errors } = progress;
  if (phase === "preparing") return `preparing accounts: ${prepared} of ${bots}${suffix(errors, "error")}`;
  const seconds = Math.max(elapsedMs, 1) / 1_000;
  const what =
    phase === "leaving"
      ? `leaving: ${running} to go`
      : `${Math.floor(seconds)} of ${Math.round(durationMs / 1_000)} s, ${running} playing, ${inMap} in the world`;
  const rate = phase === "playing" ? `, ${Math.round(hops / seconds)} hops/s` : "";
  return `${what}, ${hops} hops${rate}${suffix(refusals, "refusal")}${suffix(errors, "error")}`;
}

const suffix = (count: number, what: string): string => (count === 0 ? "" : `, ${counted(count, what)}`);
