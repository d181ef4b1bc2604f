import { addSetting, explain, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, InvalidArgumentError } from "commander";
import { tell } from "../tell.ts";
import { runScaling } from "./run-scaling.ts";
import { judge } from "./verdict.ts";

interface Options {
  readonly bots: number;
  readonly residents: number;
  readonly ragnarok: number;
  readonly others: number;
  readonly fronts: number;
  readonly maps: number;
  readonly hold: number;
  readonly loginServers: number;
  readonly gateway: boolean;
  readonly steps: readonly number[];
  readonly set: Record<string, string>;
  readonly json?: true;
}

function steps(text: string): readonly number[] {
  const counts = text.split(",").map(Number);
  if (counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 16)) return counts;
  throw new InvalidArgumentError("Expected numbers from 1 to 16, separated by commas.");
}

const createProgram = (): Command =>
  new Command("scaling")
    .description(
      "Adds and drains map-servers while clients of all protocols play, then kills one, and reports which players were harmed.",
    )
    .option("--steps <n,n,n>", "numbers of map-servers, one step after another", steps, [1, 4, 2])
    .option(
      "--maps <n>",
      "number of maps that the map-servers share, besides a room",
      wholeNumber(2, 200),
      12,
    )
    .option("--bots <n>", "number of native players that come and go", wholeNumber(1, 5_000), 150)
    .option(
      "--residents <n>",
      "number of native players that stay and walk from map to map",
      wholeNumber(1, 5_000),
      50,
    )
    .option("--ragnarok <n>", "number of Ragnarok clients that come and go", wholeNumber(1, 5_000), 100)
    .option(
      "--others <n>",
      "number of players that come and go by the protocols of fronts and by the A series",
      wholeNumber(0, 5_000),
      60,
    )
    .option("--fronts <n>", "number of fronts", wholeNumber(0, 16), 2)
    .option("--login-servers <n>", "number of login-servers", wholeNumber(1, 16), 2)
    .option("--no-gateway", "start no gateway; clients connect to the servers directly")
    .option("--hold <seconds>", "seconds of play after each step", wholeNumber(1, 3_600), 20)
    .option("--set <NAME=value>", "setting for all servers; may be repeated", addSetting, {})
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      "\nStarts all servers and stores itself, on loopback, and removes them afterwards. Exits with 1 when a player was\n" +
        "disconnected, was refused without a time after which to ask again, or was not saved.",
    );

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

async function main(): Promise<number> {
  const parsed = parseProgram(createProgram(), process.argv.slice(2), (program) => program.opts<Options>());
  if (!parsed.ok) return explain(parsed);
  const { hold, set, json, ...options } = parsed.value;
  const report = await runScaling({ ...options, holdMs: hold * 1_000, settings: set, tell });
  const problems = judge(report);
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...report, problems }, null, 2)}\n`);
    return problems.length === 0 ? 0 : 1;
  }
  const { steps: taken, bots, ragnarok, residents, others, saves, killed } = report;
  const byProtocol = new Map<string, number>();
  for (const protocol of others.flatMap(({ visits }) => visits))
    byProtocol.set(protocol, (byProtocol.get(protocol) ?? 0) + 1);
  const crossings = residents.reduce((sum, { hops }) => sum + hops, bots.hops["map → map"] + ragnarok.hops);
  const lines = [
    "",
    ...taken.map(
      (step) =>
        `${step.mapServers} map-servers after ${step.seconds.toFixed(1)} s; maps: ${named(step.maps)}`,
    ),
    `native: ${bots.hopsTotal} hops, ${bots.errorsTotal} errors, refusals: ${named(bots.refusals)}`,
    `Ragnarok: ${ragnarok.rounds} rounds, ${ragnarok.hops} hops, ${ragnarok.errorsTotal} errors, refusals: ${named(ragnarok.refusals)}`,
    `by other protocols: ${named(Object.fromEntries(byProtocol))} visits, ${others.flatMap(({ refusals }) => refusals).length} refusals`,
    `crossings from one map-server to another: ${crossings}; saves: ${named(saves)}`,
    `${killed.mapServer} killed: ${killed.thrownOut} residents thrown out, back within ${seconds(killed.awayMsMax)}; maps: ${named(killed.maps)}`,
    "",
    ...(problems.length === 0
      ? ["It held."]
      : ["It did not hold:", ...problems.map((problem) => `- ${problem}`)]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return problems.length === 0 ? 0 : 1;
}

const named = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "none";

// Unfinished clients may still have timers. The program does not wait for these timers.
process.exit(await main());
