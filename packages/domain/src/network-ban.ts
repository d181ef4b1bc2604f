/** A ban of a network or of a device. One of the two is not null. */
export interface NetworkBan {
  readonly id: number;
  /** In CIDR notation, like `192.0.2.0/24`. An address is a network with all bits fixed. */
  readonly network: string | null;
  /** The device id that clients show. None of them proves it. */
  readonly device: string | null;
  /** Milliseconds since 1970. Null: for ever. */
  readonly untilMs: number | null;
  /** What an operator wrote for players, at most `kickTextUnitsMax` UTF-16 units. */
  readonly text: string | null;
  readonly isLifted: boolean;
}

/** The longest device id that a client can show, in UTF-16 units. */
export const deviceIdUnitsMax = 64;
