import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { hostAndPort } from "@sallyport/link/addresses";
import { followSource, serverTlsOptions, type TlsSource } from "@sallyport/link/tcp";
import { keepNewest } from "./newest-connections.ts";
import { endUnreadBodies } from "./unread-bodies.ts";

export interface HttpBounds {
  readonly connectionsMax: number;
  /** A whole request must arrive within this time, in milliseconds. */
  readonly requestMs: number;
  /**
   * A connection is closed if no byte is read from it or written to it for this time, in milliseconds. So an answer
   * that its client does not take is not kept. Every answer must begin within this time.
   */
  readonly silenceMs: number;
}

export const usualSilenceMs = 30_000;

const usualBounds: HttpBounds = { connectionsMax: 200, requestMs: 5_000, silenceMs: usualSilenceMs };
/** Headers must arrive within this time, in milliseconds. An idle connection is closed after a while. */
const slowness = { headersTimeout: 5_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 };

export interface HttpPlace {
  /** The setting of the port, for errors. */
  readonly variable: string;
  readonly host: string;
  readonly port: number;
  /** The certificate of the doors. Without it, the port speaks HTTP. */
  readonly tls: TlsSource | null;
}

export interface OpenHttp {
  readonly address: { readonly host: string; readonly port: number };
  readonly url: string;
  stop(): Promise<void>;
}

/** Opens a port for everybody, with bounds on connections and slowness. Rejects with an error that names the setting. */
export async function openHttp(
  { variable, host, port, tls }: HttpPlace,
  answer: http.RequestListener,
  { connectionsMax, requestMs, silenceMs }: HttpBounds = usualBounds,
): Promise<OpenHttp> {
  const times = { ...slowness, requestTimeout: requestMs };
  const server =
    tls === null
      ? http.createServer(times, answer)
      : https.createServer({ ...times, ...serverTlsOptions({ source: tls }) }, answer);
  const stopFollowing = server instanceof https.Server && tls !== null ? followSource(server, tls) : () => {};
  keepNewest(server, connectionsMax);
  endUnreadBodies(server);
  server.setTimeout(silenceMs);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "already in use" : (error.code ?? error.message);
      reject(new Error(`cannot listen on ${variable} ${hostAndPort({ host, port })}: ${why}`));
    });
    server.listen({ host, port }, resolve);
  });
  const at = server.address() as AddressInfo;
  return {
    address: { host, port: at.port },
    url: `${tls === null ? "http" : "https"}://${hostAndPort({ host, port: at.port })}`,
    stop: () =>
      new Promise((resolve) => {
        stopFollowing();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
