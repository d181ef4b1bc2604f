import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { accepted, type Outcome, refused } from "@sallyport/domain";
import { type Operators, storeAnswer } from "@sallyport/operator";
import type { LogLines } from "@sallyport/server-kit";
import { Hono } from "hono";
import { type HttpBounds, type OpenHttp, openHttp } from "./open-http.ts";
import type { PrometheusMetrics } from "./prometheus-metrics.ts";

/**
 * A server can serve clients if all these conditions hold. A check returns true or false, or a promise. A
 * promise must resolve in time, and not to false.
 */
export type Checks = { readonly [what: string]: () => boolean | Promise<unknown> };

export interface AdminPortOptions {
  readonly host: string;
  readonly port: number;
  readonly log: Pick<LogLines, "error">;
  readonly metrics: Pick<PrometheusMetrics, "contentType" | "text">;
  /** Returns the present checks. They change when the server starts and stops. */
  readonly checks: () => Checks;
  /** Returns null if this process cannot answer operators, and undefined if it cannot answer yet. */
  readonly operators?: () => Operators | null | undefined;
  /** The maximum number of milliseconds for one check. */
  readonly checkMsMax?: number;
}

export type AdminPort = Pick<OpenHttp, "address" | "stop">;

/** The commands of operators wait 30 s for an answer, so the port must not give up before them. */
const bounds: HttpBounds = { connectionsMax: 100, requestMs: 5_000, silenceMs: 60_000 };
const bodyBytesMax = 16_384;

/**
 * Opens the HTTP port for operators. Health, readiness and metrics need no credential, because they change
 * nothing and name nobody. Everything else is passed to `operators`, which asks for one. The port speaks plain
 * HTTP, so game clients must not be able to reach it.
 */
export async function openAdminPort(options: AdminPortOptions): Promise<AdminPort> {
  const { host, port } = options;
  const listener = getRequestListener(adminRoutes(options).fetch, { overrideGlobalObjects: false });
  const place = { variable: "ADMIN_PORT", host, port, tls: null };
  return openHttp(place, (request, response) => void listener(request, response), bounds);
}

const defaultCheckMs = 1_000;

type Env = { Bindings: HttpBindings };

function adminRoutes({ log, metrics, checks, checkMsMax, operators }: AdminPortOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
    context.header("connection", "close");
  });
  app.onError((error, context) => {
    log.error({ err: error }, "a request to the admin port failed (a bug)");
    return context.json({ error: "this process failed at the request; its log has more" }, 500);
  });
  app.get("/healthz", (context) => context.json({ healthy: true }));
  app.get("/readyz", async (context) => {
    const checked = await carryOut(checks(), checkMsMax ?? defaultCheckMs);
    const ready = areAllOk(checked);
    return context.json({ ready, checks: checked }, ready ? 200 : 503);
  });
  app.get("/metrics", async (context) =>
    context.body(await metrics.text(), 200, { "content-type": metrics.contentType }),
  );
  for (const path of ["/healthz", "/readyz", "/metrics"])
    app.all(path, (context) => context.json({ error: "only GET" }, 405));
  app.all("*", async ({ req, env, json }) => {
    // A `Request` cannot have this method.
    if (req.method === "TRACE") return json({ error: "not TRACE" }, 405);
    const isLong = Number(req.header("content-length") ?? 0) > bodyBytesMax;
    const body = isLong ? refused("too-long" as const) : await bodyOf(req.raw);
    if (!body.ok) {
      const { status, error } = bodyRefusals[body.refusal];
      return json({ error }, status);
    }
    const answer = operators?.();
    if (answer === undefined) return json({ error: "not started yet" }, 503);
    if (answer === null)
      return json({ error: "this server does not read accounts: ask a login-server or char-server" }, 404);
    const { pathname, search } = new URL(req.url);
    const told = await answer({
      method: req.method,
      path: pathname + search,
      headers: req.header(),
      body: body.value,
      address: env.incoming.socket.remoteAddress ?? "",
    });
    return new Response(told.body, { status: told.status, headers: { ...told.headers } });
  });
  return app;
}

const bodyRefusals = {
  "too-long": { status: 413, error: "the body is too long" },
  malformed: { status: 400, error: "the body did not come whole" },
} as const;

/**
 * A body in chunks has no length in its header. Hono's own limit cannot read one, because it makes a global
 * `Request` of it. Resolves to a refusal also if the client breaks off.
 */
async function bodyOf({ body }: Request): Promise<Outcome<string, keyof typeof bodyRefusals>> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  try {
    for (let bytes = 0; ; ) {
      const read = await reader?.read();
      if (read?.value === undefined) return accepted(Buffer.concat(chunks).toString());
      bytes += read.value.length;
      if (bytes > bodyBytesMax) return refused("too-long");
      chunks.push(read.value);
    }
  } catch {
    return refused("malformed");
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
