import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { MapServerStatus } from "@sallyport/char-server";
import { DrainProofs, type Operators, operatorPaths, storeAnswer, tellOperator } from "@sallyport/operator";
import { keepNewest } from "./newest-connections.ts";
import type { PrometheusMetrics } from "./prometheus-metrics.ts";

/**
 * A server can serve clients if all these conditions hold. A check returns true or false, or a promise. A
 * promise must resolve in time, and not to false.
 */
export type Checks = { readonly [what: string]: () => boolean | Promise<unknown> };

/** Operators can make these requests about the map-servers of a char-server. */
export interface Orders {
  /** A caller of `drain` has to prove that it knows this key. */
  readonly key: string;
  /**
   * Begins to drain a map-server. Resolves to null if no map-server with this name is linked or expected
   * back.
   */
  drain(server: string): Promise<MapServerStatus | null>;
  statusOf(server: string): MapServerStatus | null;
}

export interface AdminPortOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Pick<PrometheusMetrics, "contentType" | "text">;
  /** Returns the present checks. They change when the server starts and stops. */
  readonly checks: () => Checks;
  /** Returns null if this process cannot answer operators, and undefined if it cannot answer yet. */
  readonly operators?: () => Operators | null | undefined;
  readonly orders?: () => Orders | null;
  /** The maximum number of milliseconds for one check. */
  readonly checkMsMax?: number;
  readonly proofs?: DrainProofs;
}

export interface AdminPort {
  readonly address: { readonly host: string; readonly port: number };
  stop(): Promise<void>;
}

const connectionsMax = 100;
/**
 * A request must arrive within these times, in milliseconds. Without `connectionsCheckingInterval`, Node
 * would check them only every 30 seconds.
 */
const slowness = { requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };

/**
 * Opens the HTTP port for operators: health, readiness, metrics, and requests about the cluster. On a
 * char-server, callers that know its password can also drain map-servers. Any program that can connect to
 * this port can read from it. So game clients must not be able to reach it.
 */
export async function openAdminPort(options: AdminPortOptions): Promise<AdminPort> {
  const { host, port, proofs = new DrainProofs() } = options;
  const server = createServer(slowness, (request, response) => {
    answer(request, options, proofs).then(
      (answered) => send(response, answered),
      (error: unknown) => send(response, { status: 500, type: "text/plain", body: String(error) }),
    );
  });
  keepNewest(server, connectionsMax);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "already in use" : (error.code ?? error.message);
      reject(new Error(`cannot listen on ADMIN_PORT ${host}:${port}: ${why}`));
    });
    server.listen({ host, port }, resolve);
  });
  return {
    address: { host, port: (server.address() as AddressInfo).port },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const defaultCheckMs = 1_000;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: { readonly [header: string]: string };
}

const json = (status: number, body: object): Answer => ({
  status,
  type: "application/json",
  body: `${JSON.stringify(body)}\n`,
});

async function answer(
  request: IncomingMessage,
  options: AdminPortOptions,
  proofs: DrainProofs,
): Promise<Answer> {
  const { method } = request;
  const path = request.url?.split("?")[0] ?? "";
  const [, server] = /^\/map-servers\/([\w.-]{1,32})$/.exec(path) ?? [];
  if (server !== undefined) return answerAbout(server, request, options.orders?.() ?? null, proofs);
  if (method !== "GET" && method !== "HEAD") return json(405, { error: "only GET" });
  const query = request.url?.split("?")[1] ?? "";
  if (operatorPaths.includes(path)) {
    const { status, body } = await tellOperator(options.operators?.(), path, query);
    return json(status, body);
  }
  switch (path) {
    case "/healthz":
      return json(200, { healthy: true });
    case "/readyz": {
      const checked = await carryOut(options.checks(), options.checkMsMax ?? defaultCheckMs);
      const ready = areAllOk(checked);
      return json(ready ? 200 : 503, { ready, checks: checked });
    }
    case "/metrics":
      return { status: 200, type: options.metrics.contentType, body: await options.metrics.text() };
    default:
      return json(404, {
        error: `unknown path; there are /healthz, /readyz, /metrics, ${operatorPaths.join(", ")}`,
      });
  }
}

/**
 * Returns whether a worker is ready. The process that has the admin port asks each worker before it answers
 * `/readyz`.
 */
export const isReady = async (checks: Checks): Promise<boolean> =>
  // These checks must end before the process with the admin port stops waiting.
  areAllOk(await carryOut(checks, defaultCheckMs * 0.8));

const areAllOk = (checked: { readonly [what: string]: string }): boolean =>
  Object.values(checked).every((found) => found === "ok");

/**
 * GET returns the state of a map-server. DELETE begins to drain it. For DELETE, the caller must answer a
 * challenge from this port with a proof.
 */
async function answerAbout(
  server: string,
  { method, headers }: IncomingMessage,
  orders: Orders | null,
  proofs: DrainProofs,
): Promise<Answer> {
  if (method !== "GET" && method !== "DELETE") return json(405, { error: "only GET and DELETE" });
  if (method === "DELETE" && orders !== null && !proofs.accept(headers.authorization, orders.key, server))
    return {
      ...json(401, { error: "answer the challenge in this response with CHAR_PASSWORD" }),
      headers: proofs.challenge(),
    };
  const status = method === "GET" ? orders?.statusOf(server) : await orders?.drain(server);
  return status ? json(200, status) : json(404, { error: `no map-server ${server} is linked` });
}

async function carryOut(checks: Checks, msMax: number): Promise<{ readonly [what: string]: string }> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([what, check]) => [what, await outcomeOf(check, msMax)]),
  );
  return Object.fromEntries(found) as { [what: string]: string };
}

async function outcomeOf(check: Checks[string], msMax: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), msMax);
  });
  try {
    const found = await Promise.race([check(), late]);
    if (found === "late") return `no answer within ${msMax} ms`;
    return found === false ? "no" : "ok";
  } catch (error) {
    return storeAnswer(error);
  } finally {
    clearTimeout(timer);
  }
}

function send(response: ServerResponse, { status, type, body, headers = {} }: Answer): void {
  const usual = { "content-type": type, "cache-control": "no-store", connection: "close" };
  response.writeHead(status, { ...usual, ...headers });
  response.end(body);
}
