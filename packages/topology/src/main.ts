import { createInterface } from "node:readline";
import { Command, InvalidArgumentError } from "commander";
import { Topology } from "./topology.ts";

const mapServersMax = 64;

function mapServers(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count <= mapServersMax) return count;
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${mapServersMax}.`);
}

function addSetting(text: string, settings: Record<string, string>): Record<string, string> {
  const [, variable, value] = /^([A-Z_]+)=(.*)$/.exec(text) ?? [];
  if (variable === undefined || value === undefined) throw new InvalidArgumentError("Expected NAME=value.");
  return { ...settings, [variable]: value };
}

const program = new Command("topology")
  .description(
    "Starts what docker-compose.yml starts, without an engine: a process for each server, on loopback.",
  )
  .option("--map-servers <n>", "how many at first", mapServers, 2)
  .option("--set <NAME=value>", "a setting of the servers; can be given again", addSetting, {})
  .addHelpText(
    "after",
    "\nREDIS_URL and DATABASE_URL name stores that run already; without them it starts its own, which are empty and do\n" +
      "not last. While it runs it takes lines: `scale N` adds or empties map-servers, `kill NAME` ends one like a power\n" +
      "cut, `start NAME` starts it again. Ctrl-C stops all in good order.",
  )
  .showHelpAfterError();

const startedMs = performance.now();
const tell = (line: string): void => {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${line}\n`);
};

async function obey(topology: Topology, line: string): Promise<void> {
  const [verb, what = ""] = line.trim().split(/\s+/);
  const all = [topology.login, topology.char, ...topology.mapServers];
  const named = all.find(({ name }) => name === what);
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
      `not understood; there are: scale N, kill NAME, start NAME, of ${all.map(({ name }) => name).join(", ")}`,
    );
  }
}

async function main(): Promise<void> {
  const options = program.parse().opts<{ mapServers: number; set: Record<string, string> }>();
  const topology = await Topology.start({
    mapServers: options.mapServers,
    settings: options.set,
    redisUrl: process.env["REDIS_URL"],
    databaseUrl: process.env["DATABASE_URL"],
    tell,
  });
  process.stdout.write(
    [
      "",
      `clients                tcp://127.0.0.1:${topology.loginPort}`,
      `Ragnarok clients       127.0.0.1:${topology.ragnarokLoginPort}`,
      `logs                   ${topology.folder}/*.log`,
      ...[topology.login, topology.char].map(
        ({ name, adminUrl }) => `${name.padEnd(22)} ${adminUrl}/metrics`,
      ),
      "",
      "",
    ].join("\n"),
  );
  const lines = createInterface({ input: process.stdin });
  let obeying = Promise.resolve();
  lines.on("line", (line) => {
    obeying = obeying.then(() => obey(topology, line)).catch((error: Error) => tell(error.message));
  });
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    tell("stopping");
    lines.close();
    await topology.stop();
    tell("stopped");
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop());
}

await main();
