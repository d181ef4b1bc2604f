import net from "node:net";
import { ConnectFailed, tcpChannel } from "@sallyport/link/tcp";
import type { Connect, DoorAddress } from "@sallyport/sdk";

/**
 * A way into the cluster. Every server sends all its clients to one door, either its own door or that of the
 * gateway. Clients on another way replace the ports of that door.
 */
export interface Way<Name extends string = string> {
  readonly name: Name;
  readonly login: DoorAddress;
  /** If a server sends the client to a port that is a key here, the client uses the port in the value. */
  readonly instead: Readonly<Record<number, number>>;
}

interface Source {
  readonly localAddress?: string;
}

/**
 * The returned function rejects with `ConnectFailed`. `source` returns the local address of each connection.
 */
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
