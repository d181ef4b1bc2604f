/** What a link port takes from those who have not shown yet that they are servers: see `linkListenSettings`. */
export interface LinkBounds {
  /** From connecting until admitted, however long the store takes; the handshake of TLS before it has as long. */
  readonly linkHandshakeMs: number;
  readonly linkNewcomersMax: number;
  readonly linkNewcomersPerAddressMax: number;
}

export const defaultLinkBounds: LinkBounds = {
  linkHandshakeMs: 5_000,
  linkNewcomersMax: 500,
  linkNewcomersPerAddressMax: 100,
};

/** More than the handshake takes, and much less than a full frame. */
export const strangerBytesMax = 4_096;
