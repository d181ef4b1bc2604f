import type { RagnarokDialects } from "@sallyport/dialects/ragnarok";
import type { ByteChannel } from "@sallyport/link";
import type { TcpListener, TlsSource } from "@sallyport/link/tcp";
import { type DoorPlace, type OpenDoor, openDoor, Refusals } from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import { openRagnarokDoor, type RagnarokPlace } from "./ragnarok-doors.ts";

/** The doors of one server: the native door, and a door for Ragnarok clients if its port is set. */
export interface OpenDoors {
  readonly native: OpenDoor;
  readonly ragnarok: Pick<TcpListener, "address"> | null;
}

export interface Doors<T extends keyof RagnarokDialects> extends OpenDoors {
  /** Begins to accept clients. Before this call, the doors disconnect each client at once. */
  serve(accept: Accept<T>): void;
  /** Stops accepting clients. Connected clients stay connected. */
  stop(): Promise<void>;
}

type Accept<T extends keyof RagnarokDialects> = (channel: ByteChannel, dialect?: RagnarokDialects[T]) => void;

/** Opens the doors. Rejects with `ListenFailed`. */
export async function openDoors<T extends keyof RagnarokDialects>(
  shell: Shell,
  tier: T,
  place: DoorPlace & RagnarokPlace,
  tls: TlsSource | null,
): Promise<Doors<T>> {
  let accept: Accept<T> = (channel) => channel.destroy();
  const refusals = new Refusals(shell, { door: tier });
  const native = await openDoor(place, { tls, refusals }, (channel) => accept(channel));
  try {
    const ragnarok = await openRagnarokDoor(shell, tier, place, (...client) => accept(...client));
    return {
      native,
      ragnarok,
      serve(next) {
        accept = next;
      },
      stop: async () => void (await Promise.all([native.stop(), ragnarok?.stop()])),
    };
  } catch (error) {
    await native.stop();
    throw error;
  }
}

/** Returns fields for the log line that says that a server is ready. */
export const describeDoors = ({ native: { address, webSocket, isSecure }, ragnarok }: OpenDoors) => ({
  clients: address,
  ...(ragnarok === null ? {} : { ragnarok: ragnarok.address }),
  ...(webSocket === null ? {} : { webSocket }),
  ...(isSecure ? { tls: true } : {}),
});
