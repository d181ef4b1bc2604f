import { createInterface } from "node:readline";
import { addSetting, explain, parseProgram, stopOnSignals, wholeNumber } from "@sallyport/command-line";
import { Command } from "commander";
import { tell } from "../tell.ts";
import { Topology } from "./topology.ts";

const mapServersMax = 64;
const loginServersMax = 16;
const frontsMax = 16;

interface Options {
  readonly mapServers: number;
  readonly loginServers: number;
  readonly gateway: boolean;
  readonly fronts: number;
  readonly set: Record<string, string>;
}

const createProgram = (): Command =>
  new Command("topology")
    .description(
      "Starts the servers of docker-compose.yml without a container engine: one process for each server, on loopback.",
    )
    .option("--map-servers <n>", "number of map-servers at the start", wholeNumber(1, mapServersMax), 2)
    .option("--login-servers <n>", "number of login-servers", wholeNumber(1, loginServersMax), 1)
    .option("--no-gateway", "start no gateway; clients connect to the servers directly")
    .option("--fronts <n>", "number of fronts, for clients of other protocols", wholeNumber(0, frontsMax), 1)
    .option("--set <NAME=value>", "setting for all servers; may be repeated", addSetting, {})
    .addHelpText(
      "after",
      "\nREDIS_URL and DATABASE_URL name stores that are running. Without them it starts empty stores of its own and removes\n" +
        "them at the end. Commands on stdin: `scale N` adds or drains map-servers, `kill NAME` kills a server with SIGKILL,\n" +
        "`start NAME` starts it again. Ctrl-C stops everything and saves all players.",
    );

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
      `unknown command; use scale N, kill NAME or start NAME, where NAME is one of ${topology.servers.map(({ name }) => name).join(", ")}`,
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
      `clients                tcp://127.0.0.1:${topology.entry.tcp}`,
      `Ragnarok clients       127.0.0.1:${topology.entry.ragnarok}`,
      ...topology.entrances
        .filter(({ protocol }) => protocol.door === "front")
        .map(
          ({ name, protocol, login }) =>
            `${`${protocol.name}, ${name}`.padEnd(22)} ${login.host}:${login.port}`,
        ),
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
