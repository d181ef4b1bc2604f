import type { Clock, DoorAddress } from "@sallyport/sdk";
import type { ProtocolFault } from "../wire/packet-stream.ts";
import type { Profile } from "../wire/profile.ts";

/** Whose habits the client has where two common clients differ. */
export type Manner = "openkore" | "robrowser";

export interface ClientOptions {
  readonly login: DoorAddress;
  readonly account: string;
  readonly password: string;
  /**
   * `openkore` takes the first four bytes at the char and map doors for its account id if they are, and asks for its
   * guild on the map. `robrowser` takes the first four at the char door for it whatever they are, and pings there.
   */
  readonly manner?: Manner;
  readonly profile?: Profile;
  /** Of the client program, as the login-server may check it. */
  readonly version?: number;
  /** Packets of a server that says more than this client reads; -1 for a length that the packet says. */
  readonly passedOver?: ReadonlyMap<number, number>;
  /** Of answers, and of connections. */
  readonly withinMs?: number;
  readonly clock?: Clock;
  /** Whether the client may go where a server sends it. */
  readonly mayGoTo?: (host: string) => boolean;
  /** While this is under way, the client has not loaded the map, and is to be shown nobody. */
  readonly loadMap?: () => Promise<void>;
  readonly tolerated?: ReadonlySet<ProtocolFault>;
  /** Of the journal. */
  readonly entriesMax?: number;
}
