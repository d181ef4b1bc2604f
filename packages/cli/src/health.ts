import { get } from "node:http";

/**
 * The HEALTHCHECK of a container runs this program. It exits with 0 if the server answers at its admin port,
 * and otherwise with 1.
 */

const { ADMIN_HOST: host = "", ADMIN_PORT: port = "" } = process.env;
/** A server that listens at all addresses is reached at loopback. */
const near: { readonly [host: string]: string } = { "": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1" };
process.exitCode = 1;
// Not `fetch`: it takes a URL, and an IPv6 address with a zone fits in none.
const place = { host: near[host] ?? host, port, path: "/healthz" };
get({ ...place, signal: AbortSignal.timeout(2_000) }, (response) => {
  process.exitCode = response.statusCode === 200 ? 0 : 1;
  response.resume();
})
  // The exit code says it.
  .on("error", () => {});
