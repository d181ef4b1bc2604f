/** The bounds of a door for its clients. Each bound has a setting: see `doorSettings`. */
export interface ClientBounds {
  readonly clientsMax: number;
  readonly clientsPerAddressMax: number;
  /**
   * A client must send its first whole command within this time. The time begins when the client is connected
   * and the TLS handshake and the WebSocket upgrade, if any, are complete.
   */
  readonly firstCommandMs: number;
  /** Maximum number of clients that have not sent a command yet: see `Newcomers`. */
  readonly newcomersMax: number;
  readonly newcomersPerAddressMax: number;
  /**
   * How many commands of one client the server reads in a second, on average. Further commands wait until the
   * server reads them.
   */
  readonly commandsPerSecond: number;
  /** A client can send faster than `commandsPerSecond` for this long. Then it is disconnected. */
  readonly aheadMs: number;
  /** If more output than this is unread, the client is disconnected. */
  readonly outputBytesMax: number;
  /** If a client reads none of its waiting output for this long, it is disconnected. */
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

/** Fills in the missing bounds. The default of `clientsPerAddressMax` is `clientsMax`. */
export function clientBounds(some: Partial<ClientBounds>): ClientBounds {
  const bounds = { ...defaultClientBounds, ...some };
  return { ...bounds, clientsPerAddressMax: some.clientsPerAddressMax ?? bounds.clientsMax };
}
