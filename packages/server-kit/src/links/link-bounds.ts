/**
 * Bounds of a link port for connections that have not proved yet that they are servers: see
 * `linkListenSettings`.
 */
export interface LinkBounds {
  /**
   * The longest time from connecting until admission, including the time of the store. The TLS handshake
   * before it may take as long again.
   */
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
