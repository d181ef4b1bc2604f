import { fileURLToPath } from "node:url";
import { freePorts, type SallyportProcess } from "@sallyport/testkit";
import { host, type Pids } from "../contenders/contender.ts";
import type { Ours } from "../contenders/ours.ts";
import { inTurns, measureLoad } from "../measure.ts";
import type { Case } from "../report.ts";
import { megabytesEach } from "../sender/megabytes.ts";
import { hopFirst } from "./hop.ts";
import { accountNames, clientsOf, hopAccountNames, password, type Scenario, type Stage } from "./scenario.ts";

/** Measures hops and megabytes through a gateway. The bound is the same work without a gateway. */
export const gateway: Scenario = async (stage) => {
  const ours = await stage.standing.ours();
  return { cases: [await hops(stage, ours), await megabytes(stage, ours)], figures: [] };
};

const bound = "direct";

async function hops(stage: Stage, { doors, pids, redisUrl }: Ours): Promise<Case> {
  const [login = 0, char = 0, map = 0] = await freePorts(3);
  const server = await startGateway(stage, "gateway", {
    REDIS_URL: redisUrl,
    GATEWAY_RAGNAROK_LOGIN_PORT: String(login),
    GATEWAY_RAGNAROK_CHAR_PORT: String(char),
    GATEWAY_RAGNAROK_MAP_PORT: String(map),
  });
  // Servers send all clients to the servers' own doors. A client that must use the gateway replaces these
  // ports.
  const instead = { [doors.char.ragnarok.port]: char, [doors.map.ragnarok.port]: map };
  const act = { type: "hop", wire: "ragnarok", password } as const;
  const direct = { ...act, login: doors.login.ragnarok };
  const through = { ...act, login: { host, port: login }, instead };
  const { atOnce } = stage.size;
  const load = { accounts: hopAccountNames(stage.size), clients: atOnce };
  for (const each of [direct, through]) await hopFirst(stage, each);
  return inTurns(
    stage,
    { scenario: "gateway, full hop", name: clientsOf(atOnce), unit: "hops", bound },
    {
      ours: () => measureLoad(stage, { ...pids, gateway: pidOf(server) }, { act: through, ...load }),
      bare: () => measureLoad(stage, pids, { act: direct, ...load }),
    },
  );
}

const senderProgram = fileURLToPath(new URL("../../dist/sender/main.js", import.meta.url));
const sendersWorld = "Senders";
const receivers = 4;

async function megabytes(stage: Stage, { redisUrl }: Ours): Promise<Case> {
  const [sendPort = 0, port = 0] = await freePorts(2);
  const { rig } = stage;
  const sender = await rig.newServer({
    ...{ name: "sender", program: [senderProgram], args: [] },
    environment: { MAP_PORT: String(sendPort), REDIS_URL: redisUrl, WORLD_NAME: sendersWorld },
  });
  rig.stopAlso(() => sender.kill());
  sender.spawn();
  await sender.untilSays(/ready/);
  // A gateway becomes ready when its world has a map-server.
  const server = await startGateway(stage, "gateway-of-sender", {
    ...{ REDIS_URL: redisUrl, WORLD_NAME: sendersWorld, GATEWAY_MAP_PORT: String(port) },
  });
  const from = (map: number) =>
    ({
      act: { type: "receive", map: { host, port: map } },
      ...{ accounts: accountNames(receivers), clients: receivers },
    }) as const;
  const pids: Pids = { sender: pidOf(sender) };
  const through = { ...pids, gateway: pidOf(server) };
  return inTurns(
    stage,
    { scenario: "gateway, bytes", name: clientsOf(receivers), unit: "MiB", bound },
    {
      ours: () => measureLoad(stage, through, from(port), megabytesEach),
      bare: () => measureLoad(stage, pids, from(sendPort), megabytesEach),
    },
  );
}

/**
 * The gateway sends no PROXY headers. If servers accepted such headers, direct clients would also have to
 * send them.
 */
const startGateway = (
  { rig, tell }: Stage,
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<SallyportProcess> => {
  tell(`starting ${name}`);
  return rig.startServer({
    ...{
      name,
      args: ["gateway"],
      environment: { GATEWAY_SEND_PROXY: "no", GATEWAY_NAME: name, ...environment },
    },
  });
};

const pidOf = ({ child }: SallyportProcess): number => child?.pid ?? 0;
