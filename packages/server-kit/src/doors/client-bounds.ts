/** The bounds of a door for its clients. Each bound has a setting: see `doorSettings`. */
export interface ClientBounds {
  readonly clientsMax: number;
  readonly clientsPerAddressMax: number;
  /**
   * Maximum time until the first whole command has arrived. The time begins when the client is connected and
   * any TLS handshake and WebSocket upgrade are complete.
   */
  readonly firstCommandMs: number;
  /** Maximum number of clients that have not sent a command yet: see `Newcomers`. */
  readonly newcomersMax: number;
  readonly newcomersPerAddressMax: number;
  /**
   * How many commands of one client the server reads in a second, on average. The server reads further
   * commands later.
   */
  readonly commandsPerSecond: number;
  /** How long a client may keep sending faster than `commandsPerSecond`. */
  readonly aheadMs: number;
  /** A client with more unread output than this is disconnected. */
  readonly outputBytesMax: number;
  /** A client that reads none of its waiting output for this long is disconnected. */
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

/** An absent `clientsPerAddressMax` becomes `clientsMax`. */
export function clientBounds(some: Partial<ClientBounds>): ClientBounds {
  const bounds = { ...defaultClientBounds, ...some };
  return { ...bounds, clientsPerAddressMax: some.clientsPerAddressMax ?? bounds.clientsMax };
}
