import net from "node:net";
import { ConnectFailed, tcpChannel } from "@sallyport/link/tcp";
import type { Connect } from "@sallyport/sdk";
import type { Sources } from "./attack/sources.ts";

export const wayNames = ["direct", "gateway"] as const;
export type WayName = (typeof wayNames)[number];

/**
 * A way into the cluster. Servers send all clients on to the gateway; a client that starts at a server's own
 * door bypasses it.
 */
export interface Way {
  readonly name: WayName;
  readonly loginPort: number;
  /** The port to use instead, by the port that a client was sent to. */
  readonly instead: Readonly<Record<number, number>>;
}

/** Rejects with `ConnectFailed`. */
export const connectBy =
  ({ instead }: Way, sources: Sources): Connect =>
  ({ host, port: told }, withinMs) =>
    new Promise((resolve, reject) => {
      const port = instead[told] ?? told;
      const socket = net.connect({ host, port, allowHalfOpen: true, ...sources.next() });
      const fail = ({ message }: Error): void => {
        socket.destroy();
        reject(new ConnectFailed(`${host}:${port}: ${message}`));
      };
      socket.once("error", fail);
      socket.setTimeout(withinMs, () => fail(new Error("no answer")));
      socket.once("connect", () => {
        socket.off("error", fail);
        socket.setTimeout(0);
        resolve(tcpChannel(socket));
      });
    });
