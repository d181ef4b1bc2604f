/** What a door takes from its clients. Each of them can be set: see `doorSettings`. */
export interface ClientBounds {
  readonly clientsMax: number;
  /** Of them, from one address. */
  readonly clientsPerAddressMax: number;
  /** From connecting, and from being through TLS and upgrade, until the first whole command. */
  readonly firstCommandMs: number;
  /** Clients at once that have not said a first command yet: see `Newcomers`. */
  readonly newcomersMax: number;
  readonly newcomersPerAddressMax: number;
  /** That one client may go on sending; what comes faster is read later. */
  readonly commandsPerSecond: number;
  /** For how long one may go on sending faster than that. */
  readonly aheadMs: number;
  /** Unread output beyond this ends the connection. */
  readonly outputBytesMax: number;
  /** And so does taking nothing of it for this long. */
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
