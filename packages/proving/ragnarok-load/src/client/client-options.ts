import type { Clock, DoorAddress } from "@sallyport/sdk";
import type { ProtocolFault } from "../wire/packet-stream.ts";
import type { Profile } from "../wire/profile.ts";

/** The client program whose habits to copy where the two differ. */
export type Manner = "openkore" | "robrowser";

export interface ClientOptions {
  readonly login: DoorAddress;
  readonly account: string;
  readonly password: string;
  /**
   * `openkore` takes the first four bytes at the char and map doors as its account id if they match it, and
   * asks for its guild on the map. `robrowser` takes the first four bytes at the char door as its account id
   * in any case, and sends pings there.
   */
  readonly manner?: Manner;
  readonly profile?: Profile;
  /** The version of the client program, which the login-server may check. */
  readonly version?: number;
  /**
   * Lengths of packets that the server sends and this client does not read; -1: the packet gives its length.
   */
  readonly passedOver?: ReadonlyMap<number, number>;
  /** The bound for answers and for connecting. */
  readonly withinMs?: number;
  readonly clock?: Clock;
  /** Whether the client may follow a server to this host. */
  readonly mayGoTo?: (host: string) => boolean;
  /** The client has loaded the map when this resolves. Before that, the server must not show it actors. */
  readonly loadMap?: () => Promise<void>;
  readonly tolerated?: ReadonlySet<ProtocolFault>;
  /** The most entries of the journal. */
  readonly entriesMax?: number;
}
