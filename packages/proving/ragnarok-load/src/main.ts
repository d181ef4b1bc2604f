import { writeFileSync } from "node:fs";
import { isLoopback, progressPrinter } from "@sallyport/bots";
import { explain, stopOnSignals } from "@sallyport/command-line";
import { parseCommandLine } from "./load/command-line.ts";
import { describeReport, progressLine } from "./load/report.ts";
import { runLoad } from "./load/run-load.ts";
import { profiles } from "./wire/profile.ts";
import { wholeGamePackets } from "./wire/whole-game-packets.ts";

async function main(): Promise<number> {
  const parsed = parseCommandLine(process.argv.slice(2));
  if (!parsed.ok) return explain(parsed);
  const { seconds, stay, timeout, packetver, wholeGame, tolerate, json, anywhere, ...value } = parsed.value;
  const printer = progressPrinter();
  const report = await runLoad({
    ...value,
    stayMs: stay * 1_000,
    withinMs: timeout * 1_000,
    profile: profiles[packetver],
    tolerated: new Set(tolerate),
    ...(seconds === undefined ? {} : { durationMs: seconds * 1_000 }),
    ...(wholeGame ? { passedOver: wholeGamePackets } : {}),
    ...(anywhere ? {} : { mayGoTo: isLoopback }),
    onProgress: (progress) => printer.show(progress.phase, progressLine(progress)),
    signal: stopOnSignals(),
  });
  printer.end();
  const asJson = `${JSON.stringify(report, null, 2)}\n`;
  if (json !== undefined && json !== "-") writeFileSync(json, asJson);
  process.stdout.write(json === "-" ? asJson : `${describeReport(report).join("\n")}\n`);
  return report.ok ? 0 : 1;
}

process.exitCode = await main();
