/** Bounds of a link port for connections that have not proved a password yet: see `linkBoundSettings`. */
export interface LinkBounds {
  /**
   * Maximum time until the admission, including the answer of the store. A TLS handshake before that may take
   * the same time again.
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
 * Maximum number of bytes that a connection may send before it is admitted. The handshake needs fewer, and a
 * whole frame may have many more.
 */
export const strangerBytesMax = 4_096;
