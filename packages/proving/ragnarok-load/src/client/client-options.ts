import type { Clock, DoorAddress } from "@sallyport/sdk";
import type { ProtocolFault } from "../wire/packet-stream.ts";
import type { Profile } from "../wire/profile.ts";

/** The client imitates this program wherever the two programs behave differently. */
export type Manner = "openkore" | "robrowser";

export interface ClientOptions {
  readonly login: DoorAddress;
  readonly account: string;
  readonly password: string;
  /** The address of this machine from which the client connects. Absent: the system picks one. */
  readonly from?: string;
  /**
   * `openkore` skips the first four bytes from the char door and the map door, if these bytes are its account
   * id. On the map, `openkore` asks for its guild. `robrowser` always skips the first four bytes from the
   * char door, and sends pings to the char door.
   */
  readonly manner?: Manner;
  readonly profile?: Profile;
  /** The version of the client program, which the login-server may check. */
  readonly version?: number;
  /**
   * The client skips packets with these opcodes. Each value is the length of the packet, or -1 if the packet
   * contains its length.
   */
  readonly passedOver?: ReadonlyMap<number, number>;
  /** Maximum wait for a connection or for an answer, in milliseconds. */
  readonly withinMs?: number;
  readonly clock?: Clock;
  /** Whether the client may connect to this host when a server sends it there. */
  readonly mayGoTo?: (host: string) => boolean;
  /** Loads the map. Until the promise resolves, the server must not show actors to the client. */
  readonly loadMap?: () => Promise<void>;
  readonly tolerated?: ReadonlySet<ProtocolFault>;
  /** The journal always keeps this many of the newest entries, and never more than twice as many. */
  readonly entriesMax?: number;
}
