/** Bounds of a link port for connections that have not proved a password yet: see `linkBoundSettings`. */
export interface LinkBounds {
  /**
   * Maximum time from the moment when a connection is open until the server is admitted, including the answer
   * of the store. With TLS, the connection is open when its handshake is complete. The TLS handshake has a
   * separate limit of the same length.
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
 * Maximum number of bytes that a connection may send before it is admitted. The handshake needs fewer bytes.
 * The frames of an admitted server may be much longer.
 */
export const strangerBytesMax = 4_096;
