import type { ByteChannel } from "@sallyport/link";
import { hostAndPort } from "@sallyport/link/addresses";
import { type Address, type ListenOptions, listenTcp, type TlsSource } from "@sallyport/link/tcp";
import { listenWebSocket, type Origins, originCheck } from "@sallyport/link/websocket";
import type { ProxyCheck } from "../settings/network-settings.ts";
import type { ByNetwork } from "./by-network.ts";
import type { Refusals } from "./refusals.ts";

export interface DoorBounds {
  readonly handshakeMs?: number;
  readonly newcomersMax?: number;
  readonly newcomersPerAddressMax?: number;
  /**
   * Returns whether an address belongs to a proxy: see `proxiesSetting`. Absent or null if there are no
   * proxies.
   */
  readonly isProxy?: ProxyCheck | null;
}

export interface DoorPlace extends Address, DoorBounds {
  readonly wsPort: number | null;
  readonly wsOrigins: Exclude<Origins, { hosts: unknown }> | null;
  readonly publicHost?: ByNetwork<string | null>;
  readonly publicWsUrl?: ByNetwork<string | null>;
}

export interface OpenDoor {
  readonly address: Address;
  /** Null if the door has no WebSocket port. */
  readonly webSocket: Address | null;
  /** Whether both ports accept TLS only. */
  readonly isSecure: boolean;
  /** Accepts no new clients. Connected clients stay connected. */
  stop(): Promise<void>;
}

export function listenOptions(
  { handshakeMs, newcomersMax, newcomersPerAddressMax, isProxy = null }: DoorBounds,
  refusals: Refusals,
): ListenOptions {
  return {
    isProxy,
    ...(handshakeMs !== undefined && { handshakeMs }),
    ...(newcomersMax !== undefined && { handshakesMax: newcomersMax }),
    ...(newcomersPerAddressMax !== undefined && { handshakesPerAddressMax: newcomersPerAddressMax }),
    refused: (refusal) => refusals.refuse(refusal),
  };
}

/** Listens for clients over TCP and, if `wsPort` is not null, over WebSocket. Rejects with `ListenFailed`. */
export async function openDoor(
  place: DoorPlace,
  { tls, refusals }: { readonly tls: TlsSource | null; readonly refusals: Refusals },
  accept: (channel: ByteChannel) => void,
): Promise<OpenDoor> {
  const options: ListenOptions = {
    ...listenOptions(place, refusals),
    ...(tls === null ? {} : { tls: { source: tls } }),
  };
  const tcp = await listenTcp(place, accept, options);
  try {
    const isOriginAllowed = originCheck(place.wsOrigins ?? { hosts: ownHosts(place) });
    const webSocket =
      place.wsPort === null
        ? null
        : await listenWebSocket({ host: place.host, port: place.wsPort }, accept, {
            ...options,
            isOriginAllowed,
          });
    return {
      address: tcp.address,
      webSocket: webSocket?.address ?? null,
      isSecure: tls !== null,
      stop: async () => void (await Promise.all([tcp.stop(), webSocket?.stop()])),
    };
  } catch (error) {
    await tcp.stop();
    throw error;
  }
}

/** Returns a URL without a path, because the port accepts any path. */
export const webSocketUrl = (address: Address, isSecure: boolean): string =>
  `${isSecure ? "wss" : "ws"}://${hostAndPort(address)}`;

/** Returns the hosts of the door as they appear in origins. */
function ownHosts({ host, publicHost, publicWsUrl }: DoorPlace): readonly string[] {
  const given = (of: ByNetwork<string | null> | undefined): readonly string[] =>
    [of?.usual, ...(of?.near ?? []).map(({ value }) => value)].filter((each) => each != null);
  const urlHosts = given(publicWsUrl).map((url) => new URL(url).hostname.replace(/^\[(.*)\]$/, "$1"));
  return [host, ...given(publicHost), ...urlHosts].map((each) => each.toLowerCase());
}
