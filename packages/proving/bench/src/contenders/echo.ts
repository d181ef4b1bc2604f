import { fileURLToPath } from "node:url";
import type { Rig } from "@sallyport/rig";
import { freePorts } from "@sallyport/testkit";
import type { Address } from "../generator/visit.ts";
import { host, type Pids } from "./contender.ts";

const program = fileURLToPath(new URL("../../dist/echo/main.js", import.meta.url));

/** Starts a process that answers each message with the fields of that message. */
export async function startEcho(
  rig: Rig,
  by: "link" | "bare",
): Promise<{ readonly address: Address; readonly pids: Pids }> {
  const [port = 0] = await freePorts(1);
  const environment = { ECHO_PORT: String(port) };
  const server = await rig.newServer({ name: `echo-${by}`, program: [program], args: [by], environment });
  rig.stopAlso(() => server.stop());
  server.spawn();
  await server.untilSays(/ready/);
  return { address: { host, port }, pids: { echo: server.child?.pid ?? 0 } };
}
