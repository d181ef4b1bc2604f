/** The bounds of a door for its clients. Each can be set: see `doorSettings`. */
export interface ClientBounds {
  readonly clientsMax: number;
  /** The most of them from one address. */
  readonly clientsPerAddressMax: number;
  /** The longest time from connecting, or from the end of TLS and upgrade, until the first whole command. */
  readonly firstCommandMs: number;
  /** The most clients at once that have not sent a first command yet: see `Newcomers`. */
  readonly newcomersMax: number;
  readonly newcomersPerAddressMax: number;
  /** The rate at which one client may send; commands beyond it are read later. */
  readonly commandsPerSecond: number;
  /** How long a client may keep sending faster than `commandsPerSecond`. */
  readonly aheadMs: number;
  /** More unread output than this ends the connection. */
  readonly outputBytesMax: number;
  /** A client that reads nothing for this long, while output waits, is disconnected too. */
  readonly unreadMs: number;
}

export const defaultClientBounds: ClientBounds = {
  clientsMax: 20_000,
  clientsPerAddressMax: 10_000,
  firstCommandMs: 15_000,
  newcomersMax: 4_000,
  newcomersPerAddressMax: 1_000,
  commandsPerSecond: 50,
  aheadMs: 30_000,
  outputBytesMax: 4 << 20,
  unreadMs: 30_000,
};

/** The defaults but for these. Without a bound for one address, the bound for all holds. */
export function clientBounds(some: Partial<ClientBounds>): ClientBounds {
  const bounds = { ...defaultClientBounds, ...some };
  return { ...bounds, clientsPerAddressMax: some.clientsPerAddressMax ?? bounds.clientsMax };
}
