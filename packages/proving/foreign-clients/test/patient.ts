import type { ByteStream } from "../src/index.ts";

/**
 * Lets each read of the client wait as long as its test. A read whose patience ends gets nothing, like one whose
 * connection was closed. So a server that keeps a connection open would look like one that closes it.
 */
export function patient<C extends { readonly stream: ByteStream }>(client: C): C {
  client.stream.patienceMs = Number.POSITIVE_INFINITY;
  return client;
}
