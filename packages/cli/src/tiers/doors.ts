import type { RagnarokDialects } from "@sallyport/dialects/ragnarok";
import type { ByteChannel } from "@sallyport/link";
import type { TcpListener, TlsSource } from "@sallyport/link/tcp";
import { type DoorPlace, type OpenDoor, openDoor, Refusals } from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import { openRagnarokDoor, type RagnarokPlace } from "./ragnarok-doors.ts";

/** The doors of one server: the native one, and one for Ragnarok clients if its port is set. */
export interface OpenDoors {
  readonly native: OpenDoor;
  readonly ragnarok: Pick<TcpListener, "address"> | null;
}

export interface Doors<T extends keyof RagnarokDialects> extends OpenDoors {
  /** After this call, the doors accept clients. Before it, they disconnect each client at once. */
  serve(accept: Accept<T>): void;
  /** Stops accepting clients. Connected clients stay connected. */
  stop(): Promise<void>;
}

type Accept<T extends keyof RagnarokDialects> = (channel: ByteChannel, dialect?: RagnarokDialects[T]) => void;

/** Rejects with `ListenFailed`. */
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

/** Fields of the log line that reports that a server is ready. */
export const describeDoors = ({ native: { address, webSocket, isSecure }, ragnarok }: OpenDoors) => ({
  clients: address,
  ...(ragnarok === null ? {} : { ragnarok: ragnarok.address }),
  ...(webSocket === null ? {} : { webSocket }),
  ...(isSecure ? { tls: true } : {}),
});
