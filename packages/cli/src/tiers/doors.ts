import type { RagnarokDialects } from "@sallyport/dialects/ragnarok";
import type { ByteChannel } from "@sallyport/link";
import { listenTcp, type TcpListener, type TlsSource } from "@sallyport/link/tcp";
import { type DoorPlace, listenOptions, type OpenDoor, openDoor, Refusals } from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import { openRagnarokDoor, type RagnarokPlace } from "./ragnarok-doors.ts";

/** For protocols without messages of their own that show whether a silent client is still there. */
export const keepAliveMs = 60_000;

/** The doors of one server: the native door, and doors for other clients if their ports are set. */
export interface OpenDoors {
  readonly native: OpenDoor;
  readonly ragnarok: Pick<TcpListener, "address"> | null;
  readonly aSeries?: Pick<TcpListener, "address"> | null;
  readonly token?: (Pick<TcpListener, "address"> & { readonly isSecure: boolean }) | null;
}

export interface Doors<T extends keyof RagnarokDialects> extends OpenDoors {
  /** Begins to accept clients. Before this call, the doors disconnect each client at once. */
  serve(accept: Accept<T>): void;
  /** Stops accepting clients. Connected clients stay connected. */
  stop(): Promise<void>;
}

type Accept<T extends keyof RagnarokDialects> = (channel: ByteChannel, dialect?: RagnarokDialects[T]) => void;

/** A door beside the native one, at the host of the native one. */
interface DialectPlace<T extends keyof RagnarokDialects> {
  /** Null: this door is not opened. */
  readonly port: number | null;
  readonly dialect: RagnarokDialects[T];
  /** Whether the door accepts TLS only, if the process has a certificate. Absent: it has no TLS. */
  readonly mayBeSecure?: boolean;
}

type DialectPlaces<T extends keyof RagnarokDialects> = {
  readonly [door in "aSeries" | "token"]?: DialectPlace<T>;
};

/** Opens the doors. Rejects with `ListenFailed`. */
export async function openDoors<T extends keyof RagnarokDialects>(
  shell: Shell,
  tier: T,
  place: DoorPlace & RagnarokPlace,
  tls: TlsSource | null,
  places: DialectPlaces<T> = {},
): Promise<Doors<T>> {
  let accept: Accept<T> = (channel) => channel.destroy();
  const refusals = new Refusals(shell, { door: tier });
  const opened: Pick<TcpListener, "stop">[] = [];
  const stop = async (): Promise<void> => void (await Promise.all(opened.map((door) => door.stop())));
  const kept = <D extends Pick<TcpListener, "stop">>(door: D | null): D | null => {
    if (door !== null) opened.push(door);
    return door;
  };
  const openFor = async (dialectPlace: DialectPlace<T> | undefined) => {
    if (dialectPlace === undefined || dialectPlace.port === null) return null;
    const { port, dialect, mayBeSecure = false } = dialectPlace;
    const accepted = (channel: ByteChannel): void => accept(channel, dialect);
    const secured = tls !== null && mayBeSecure ? { tls: { source: tls } } : {};
    const options = { ...listenOptions(place, refusals), ...secured };
    const listener = await listenTcp({ host: place.host, port }, accepted, options);
    opened.push(listener);
    return { address: listener.address, isSecure: "tls" in secured };
  };
  const native = await openDoor(place, { tls, refusals }, (channel) => accept(channel));
  opened.push(native);
  try {
    return {
      native,
      ragnarok: kept(await openRagnarokDoor(shell, tier, place, (...client) => accept(...client))),
      aSeries: await openFor(places.aSeries),
      token: await openFor(places.token),
      serve(next) {
        accept = next;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns fields for the log line that says that a server is ready. */
export const describeDoors = ({
  native: { address, webSocket, isSecure },
  ragnarok,
  aSeries = null,
  token = null,
}: OpenDoors) => ({
  clients: address,
  ...(ragnarok === null ? {} : { ragnarok: ragnarok.address }),
  ...(aSeries === null ? {} : { aSeries: aSeries.address }),
  ...(token === null ? {} : { token: token.address }),
  ...(webSocket === null ? {} : { webSocket }),
  ...(isSecure ? { tls: true } : {}),
});
