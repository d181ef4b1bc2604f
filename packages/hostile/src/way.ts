import net from "node:net";
import { ConnectFailed, tcpChannel } from "@sallyport/link/tcp";
import type { Connect } from "@sallyport/sdk";
import type { Sources } from "./attack/sources.ts";

export const wayNames = ["direct", "gateway"] as const;
export type WayName = (typeof wayNames)[number];

/** Where clients come in. All are sent on to the gateway; who comes in at the servers' own doors passes it by. */
export interface Way {
  readonly name: WayName;
  readonly loginPort: number;
  /** Where it goes instead, by the port that a client is sent to. */
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
