/** Bounds of a link port for connections that have not proved a password yet: see `linkBoundSettings`. */
export interface LinkBounds {
  /**
   * A server must be admitted within this time after its connection is open. The time includes the answer of
   * the store. With TLS, the connection is open when its TLS handshake is complete. The TLS handshake has its
   * own limit of the same length.
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

/**
 * A connection that is not admitted yet can send at most this many bytes. The handshake needs fewer. The
 * frames of an admitted server can be much longer.
 */
export const strangerBytesMax = 4_096;
