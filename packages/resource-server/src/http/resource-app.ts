import { answerLabel, type Host } from "@sallyport/server-kit";
import { type Context, Hono } from "hono";
import type { LongRequests } from "../long-requests.ts";
import { replyOf } from "../refusals.ts";
import { type AnyRequest, usualRequestBytesMax } from "../requests/request.ts";
import { resourceRequests } from "../requests/resource-requests.ts";
import type { Answered, ResourceService } from "../resource-service.ts";
import { bytesOf } from "./body.ts";
import { fieldsIn } from "./http-fields.ts";
import { openApiDocument } from "./open-api.ts";

/* The requests of the table over HTTP: `Authorization: Bearer <token>`, and the same answers as over TCP. */

export interface ResourceAppDeps {
  readonly host: Pick<Host, "clock" | "metrics" | "failed">;
  readonly service: ResourceService;
  readonly longRequests: LongRequests;
  readonly version: string;
  /** `remote` is `host:port`. */
  isBanned(remote: string): boolean;
  /** Carries out a request, unless the server stops. Never rejects because of a store. */
  carryOut(run: () => Promise<Answered>): Promise<Answered>;
}

export interface ResourceApp {
  /**
   * Answers one request of a client at `remote`, which is `host:port`. `written` resolves when the answer is written
   * or the client is gone. Rejects only because of a bug.
   */
  fetch(request: Request, remote: string, written: Promise<void>): Response | Promise<Response>;
}

interface Env {
  Bindings: { readonly remote: string; readonly written: Promise<void> };
}

const openApiPath = "/openapi.json";

export function createResourceApp(deps: ResourceAppDeps): ResourceApp {
  const app = new Hono<Env>();
  const document = openApiDocument(deps.version);
  app.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  app.get(openApiPath, (context) => context.json(document));
  for (const row of resourceRequests)
    app.on(row.http.method, honoPathOf(row), (context) => answered(context, row, deps));
  app.notFound((context) => told(context, { ok: false, refusal: "unknown-type", detail: wrongPath }));
  app.onError((error) => {
    deps.host.failed(error);
    throw error;
  });
  return { fetch: (request, remote, written) => app.fetch(request, { remote, written }) };
}

const wrongPath = `path: there is no such request; ${openApiPath} lists all of them`;
const honoPathOf = ({ http }: AnyRequest): string => http.path.replaceAll(/\{(\w+)\}/g, ":$1");

async function answered(context: Context<Env>, row: AnyRequest, deps: ResourceAppDeps): Promise<Response> {
  const { clock, metrics } = deps.host;
  const startedMs = clock.nowMs();
  const answer = await deps.carryOut(() => answerTo(context, row, deps));
  const carried = { door: "resource", command: row.name, transport: "http", dialect: "resource" } as const;
  metrics.count("commands", { ...carried, answer: answerLabel(answer) });
  metrics.observe("commandSeconds", carried, (clock.nowMs() - startedMs) / 1_000);
  return told(context, answer);
}

/**
 * The body is read only for the holder of a token. The service checks the token again, because it may be revoked
 * while the body comes.
 */
async function answerTo(
  { req, env }: Context<Env>,
  row: AnyRequest,
  { service, longRequests, isBanned }: ResourceAppDeps,
): Promise<Answered> {
  if (isBanned(env.remote)) return { ok: false, refusal: "access-denied" };
  const [, token] = /^Bearer +([\w.~+/-]+=*) *$/i.exec(req.header("authorization") ?? "") ?? [];
  const claimed = await service.identify({ token });
  if (!claimed.ok) return claimed;
  if (row.hasLongAnswer === true) {
    // Over TCP the bounds of the door hold for what a client does not read.
    const begun = longRequests.begin("known");
    if (begun === null) return { ok: false, refusal: "busy" };
    void env.written.then(begun);
  }
  let end = (): void => {};
  const admitLong = (): boolean => {
    const begun = longRequests.begin("known");
    end = begun ?? end;
    return begun !== null;
  };
  try {
    const read = await bytesOf(req.raw, row.bytesMax ?? usualRequestBytesMax, admitLong);
    if (!read.ok) return read;
    const fields = fieldsIn(row, { path: req.param(), query: req.query(), body: read.value });
    if (!fields.ok) return fields;
    return await service.answer(row, { token, fields: fields.value });
  } finally {
    end();
  }
}

const retryAfterSeconds = "2";

function told(context: Context<Env>, answer: Answered): Response {
  const { status, ...reply } = replyOf(answer);
  if (status === 401) context.header("www-authenticate", 'Bearer realm="sallyport"');
  if (status === 503 || status === 429) context.header("retry-after", retryAfterSeconds);
  return context.json(reply, status as 200);
}
