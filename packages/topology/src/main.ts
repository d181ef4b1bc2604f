import { createInterface } from "node:readline";
import { addSetting, explain, parseProgram, stopOnSignals, wholeNumber } from "@sallyport/command-line";
import { Command } from "commander";
import { Topology } from "./topology.ts";

const mapServersMax = 64;
const loginServersMax = 16;

interface Options {
  readonly mapServers: number;
  readonly loginServers: number;
  readonly gateway: boolean;
  readonly set: Record<string, string>;
}

const createProgram = (): Command =>
  new Command("topology")
    .description(
      "Starts what docker-compose.yml starts, without an engine: a process for each server, on loopback.",
    )
    .option("--map-servers <n>", "how many at first", wholeNumber(1, mapServersMax), 2)
    .option("--login-servers <n>", "how many", wholeNumber(1, loginServersMax), 1)
    .option("--no-gateway", "clients go to the servers themselves")
    .option("--set <NAME=value>", "a setting of the servers; can be given again", addSetting, {})
    .addHelpText(
      "after",
      "\nREDIS_URL and DATABASE_URL name stores that run already; without them it starts its own, which are empty and do\n" +
        "not last. While it runs it takes lines: `scale N` adds or empties map-servers, `kill NAME` ends one like a power\n" +
        "cut, `start NAME` starts it again. Ctrl-C stops all in good order.",
    );

const startedMs = performance.now();
const tell = (line: string): void => {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${line}\n`);
};

async function obey(topology: Topology, line: string): Promise<void> {
  const [verb, what = ""] = line.trim().split(/\s+/);
  const named = topology.servers.find(({ name }) => name === what);
  if (verb === "scale" && /^\d+$/.test(what) && Number(what) <= mapServersMax) {
    await topology.scale(Number(what));
    tell(`${what} map-servers`);
  } else if (verb === "kill" && named !== undefined) {
    named.signal("SIGKILL");
    await named.untilEnded();
    tell(`${what} is dead`);
  } else if (verb === "start" && named !== undefined) {
    await named.start();
    tell(`${what} is ready`);
  } else {
    tell(
      `not understood; there are: scale N, kill NAME, start NAME, of ${topology.servers.map(({ name }) => name).join(", ")}`,
    );
  }
}

async function main(): Promise<number> {
  const parsed = parseProgram(createProgram(), process.argv.slice(2), (program) => program.opts<Options>());
  if (!parsed.ok) return explain(parsed);
  const { set, ...options } = parsed.value;
  const topology = await Topology.start({
    ...options,
    settings: set,
    redisUrl: process.env["REDIS_URL"],
    databaseUrl: process.env["DATABASE_URL"],
    tell,
  });
  process.stdout.write(
    [
      "",
      `clients                tcp://127.0.0.1:${topology.entry.native}`,
      `Ragnarok clients       127.0.0.1:${topology.entry.ragnarok}`,
      `logs                   ${topology.folder}/*.log`,
      ...topology.servers.map(({ name, adminUrl }) => `${name.padEnd(22)} ${adminUrl}/metrics`),
      "",
      "",
    ].join("\n"),
  );
  const lines = createInterface({ input: process.stdin });
  let obeying = Promise.resolve();
  lines.on("line", (line) => {
    obeying = obeying.then(() => obey(topology, line)).catch((error: Error) => tell(error.message));
  });
  const asked = stopOnSignals();
  await new Promise<void>((resolve) => asked.addEventListener("abort", () => resolve(), { once: true }));
  tell("stopping");
  lines.close();
  await topology.stop();
  tell("stopped");
  return 0;
}

process.exitCode = await main();
