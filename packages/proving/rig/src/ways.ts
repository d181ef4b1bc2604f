import net from "node:net";
import { ConnectFailed, tcpChannel } from "@sallyport/link/tcp";
import type { Connect, DoorAddress } from "@sallyport/sdk";

/**
 * A way into the cluster. Servers send clients to one door each, their own or the gateway's; a client on this
 * way uses the ports of this way instead.
 */
export interface Way<Name extends string = string> {
  readonly name: Name;
  readonly login: DoorAddress;
  /** The port to use instead, by the port that a client was sent to. */
  readonly instead: Readonly<Record<number, number>>;
}

interface Source {
  readonly localAddress?: string;
}

/** Rejects with `ConnectFailed`. `source` names the local address of each connection. */
export const connectBy =
  ({ instead }: Pick<Way, "instead">, source: () => Source = () => ({})): Connect =>
  ({ host, port: told }, withinMs) =>
    new Promise((resolve, reject) => {
      const port = instead[told] ?? told;
      const socket = net.connect({ host, port, allowHalfOpen: true, ...source() });
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
