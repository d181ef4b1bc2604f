import { wholeNumber } from "@sallyport/command-line";
import { freePorts } from "@sallyport/testkit";
import { Command } from "commander";
import { tell } from "../tell.ts";
import { Topology } from "../topology/topology.ts";
import { describe, type Gateway } from "./cost.ts";
import { compareHops } from "./hops.ts";
import { compareMegabytes } from "./megabytes.ts";

/* Measures the cost of a gateway. One run does the same work alternately with and without the gateway. */

const program = new Command("gateway-bench")
  .description("Compares the processor time of hops and of bytes, with and without a gateway.")
  .option("--hops <n>", "number of hops with and without the gateway", wholeNumber(8, 100_000), 1_200)
  .option("--megabytes <n>", "megabytes sent with and without the gateway", wholeNumber(1, 100_000), 1_500)
  .option("--rounds <n>", "rounds over which the work is spread", wholeNumber(1, 100), 3)
  .option("--minutes <n>", "minutes after which it gives up", wholeNumber(1, 60), 10)
  .showHelpAfterError();

interface Options {
  readonly hops: number;
  readonly megabytes: number;
  readonly rounds: number;
  readonly minutes: number;
}

const stopMs = 10_000;
const sendersWorld = "Senders";

async function run({ hops, megabytes, rounds }: Options): Promise<void> {
  const [port = 0, sendersPort = 0] = await freePorts(2);
  const topology = await Topology.start({
    ...{ mapServers: 1, loginServers: 1, gateway: false, graceMs: stopMs },
    settings: { MAP_PUBLIC_PORT: String(port) },
    tell,
  });
  try {
    const gateway = await startGateway(topology, { world: "Alpha", port });
    const mapPort = topology.doorsOf("map-1").tcp;
    tell("hops");
    process.stdout.write(`${describe(await compareHops({ topology, gateway, mapPort, hops, rounds }))}\n`);
    tell("megabytes");
    const { redisUrl } = topology;
    const startSenders = () => startGateway(topology, { world: sendersWorld, port: sendersPort });
    const sent = { redisUrl, world: sendersWorld, startGateway: startSenders, megabytes, rounds };
    process.stdout.write(`${describe(await compareMegabytes(sent))}\n`);
  } finally {
    await topology.stop();
  }
}

/** Resolves when the gateway is ready. It becomes ready only if the world has a map-server. */
async function startGateway(
  topology: Topology,
  { world, port }: { readonly world: string; readonly port: number },
): Promise<Gateway> {
  const process = await topology.startServer(`gateway-${world}`, "gateway", {
    REDIS_URL: topology.redisUrl,
    WORLD_NAME: world,
    GATEWAY_MAP_PORT: String(port),
    // The benchmark connects with and without the gateway. If the gateway sent PROXY headers, servers would
    // require them on both ways.
    GATEWAY_SEND_PROXY: "no",
  });
  return { process, port };
}

const options = program.parse().opts<Options>();
// When this program exits, all processes that it started exit too.
const tooLong = setTimeout(() => {
  tell(`not done within ${options.minutes} minutes`);
  process.exit(1);
}, options.minutes * 60_000);
await run(options);
clearTimeout(tooLong);
