import { fileURLToPath } from "node:url";
import type { Rig } from "@sallyport/rig";
import { freePorts } from "@sallyport/testkit";
import type { Address } from "../generator/visit.ts";
import { host, type Pids } from "./contender.ts";

const program = fileURLToPath(new URL("../../dist/fan-out/main.js", import.meta.url));

/** Starts the map door of `fan-out/main.ts`. Its clients see each other (`together`) or nobody (`apart`). */
export async function startFanOut(
  rig: Rig,
  where: "together" | "apart",
): Promise<{ readonly map: Address; readonly pids: Pids }> {
  const [port = 0] = await freePorts(1);
  const server = await rig.newServer({
    ...{ name: "fan-out", program: [program], args: [where], environment: { MAP_PORT: String(port) } },
  });
  rig.stopAlso(() => server.stop());
  server.spawn();
  await server.untilSays(/ready/);
  return { map: { host, port }, pids: { "fan-out": server.child?.pid ?? 0 } };
}
