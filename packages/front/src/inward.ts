import type { ByteChannel } from "@sallyport/link";
import { proxyHeaderFor } from "@sallyport/link/addresses";
import { connectTcp, connectTls } from "@sallyport/link/tcp";
import type { Connect, DoorAddress } from "@sallyport/sdk";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The way from a front to the servers. */
export interface Inward {
  readonly login: DoorAddress;
  /** Returns how one client connects. `remote` is its address, `at` the port of the front to which it connected. */
  connectFor(remote: string, at: Address): Connect;
  /** Resolves if a login-server takes connections. */
  probe(): Promise<void>;
}

export interface InwardByTcp {
  readonly login: Address;
  /** True if all servers speak TLS. */
  readonly isSecure: boolean;
  /** The certificates of the trusted authorities, in PEM. Null: those of the system. */
  readonly ca: () => string | null;
  /** The name in the certificates of the servers. Null: the host to which the front connects. */
  readonly name: string | null;
  /** Replaces the host of every address that a server tells its clients. Null: the front connects as told. */
  readonly serversHost: string | null;
  /** The address of this machine from which the front connects. Null: the system picks one. */
  readonly from: string | null;
  readonly sendProxy: boolean;
}

const probeMs = 2_000;

/**
 * Connects over TCP or TLS. Each connection begins with a PROXY header, from which the server has the address of
 * the client.
 */
export function inwardByTcp(options: InwardByTcp): Inward {
  const { login, isSecure, ca, name, serversHost, from, sendProxy } = options;
  const open = (to: Address, withinMs: number, preface: Uint8Array | null): Promise<ByteChannel> => {
    const own = {
      ...(from === null ? {} : { localAddress: from }),
      ...(preface === null ? {} : { preface }),
    };
    if (!isSecure) return connectTcp(to, withinMs, own);
    const trusted = ca();
    return connectTls(to, withinMs, {
      ...own,
      ...(trusted === null ? {} : { ca: trusted }),
      ...(name === null ? {} : { name }),
    });
  };
  return {
    login,
    connectFor:
      (remote, at) =>
      ({ host, port }, withinMs, door) => {
        const to = { host: door === "login" ? host : (serversHost ?? host), port };
        return open(to, withinMs, sendProxy ? proxyHeaderFor(remote, at) : null);
      },
    async probe() {
      const unnamed = sendProxy ? proxyHeaderFor("127.0.0.1:0", login) : null;
      (await open(login, probeMs, unnamed)).close();
    },
  };
}
