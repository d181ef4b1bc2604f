import type { Trail, TrailEntry } from "@sallyport/database";
import { type Outcome, type Refused, type Role, roles, Unavailable, UnreadableRow } from "@sallyport/domain";
import type { LogLines } from "@sallyport/server-kit";
import { type Context, Hono } from "hono";
import { adminRequests } from "../requests/admin-requests.ts";
import { readFields } from "../requests/fields.ts";
import type { AnyRequest, Caller, Services } from "../requests/request.ts";
import { storeAnswer } from "../store-answer.ts";
import { AskedWrong } from "../view.ts";
import { type Credentials, callerOf } from "./admin-credential.ts";
import { nonceHeader, nonceProblem } from "./nonce.ts";

/* Answers the requests of the table `adminRequests`: route, credential, role, fields, nonce, and the answer. */

/** A request to the admin port, as the values that one process can send to another. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** The address from which the request came. */
  readonly address: string;
}

export interface Told {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export type Operators = (asked: Asked) => Promise<Told>;

export interface AdminAppDeps {
  readonly services: Services;
  readonly credentials: Credentials;
  /** Resolves to false if the nonce was used before, at any server. */
  readonly useNonce: (nonce: string) => Promise<boolean>;
  /** Gets an entry for each request that may have changed something, and for each credential that is refused. */
  readonly trail: Trail;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly log: Pick<LogLines, "error" | "warn">;
}

const statusOf: { readonly [refusal: string]: 400 | 401 | 403 | 404 | 409 | 429 | 503 } = {
  invalid: 400,
  "nonce-missing": 400,
  "nonce-late": 400,
  "not-logged-in": 401,
  "not-allowed": 403,
  "not-found": 404,
  "not-here": 404,
  "name-invalid": 400,
  "password-invalid": 400,
  "email-invalid": 400,
  "no-such-map": 404,
  "no-such-character": 404,
  "no-such-account": 404,
  "nonce-used": 409,
  busy: 429,
  unavailable: 503,
};

const sentences: { readonly [refusal: string]: string } = {
  "nonce-missing": `a request that changes something needs the header ${nonceHeader}`,
  "nonce-late": "the clocks of this command and of the server differ by more than a minute",
  "nonce-used": "this request was sent before, and is not carried out again",
  "name-invalid": "the new name breaks the rule for names of characters, which CHARACTER_NAMES sets",
  "name-taken": "another one has this name, or a name that looks like it",
  "no-such-map": "no linked map-server has this map",
  "no-such-character": "no character of this world has this name",
  "no-such-account": "no account has this name",
  "password-invalid": "password: not 6 to 128 characters",
  "email-invalid": "email: not an e-mail address",
  "email-taken": "email: another account has this address",
  "no-name": "email: the account has no name, so it needs an address",
  "not-held": "nobody is logged in to this account",
  overtaken: "somebody logs in to the account again and again; ban it first",
  busy: "too many attempts, or too many at once; try again later",
  unavailable: "a server or a store did not answer; nothing, or the whole request, was carried out",
};

interface Env {
  Bindings: { readonly address: string };
}

export function createAdminApp(deps: AdminAppDeps): Operators {
  const app = new Hono<Env>();
  for (const row of adminRequests) app.on(row.method, row.path, (context) => answer(context, row, deps));
  for (const path of new Set(adminRequests.map((row) => row.path))) {
    const methods = adminRequests.filter((row) => row.path === path).map(({ method }) => method);
    app.all(path, (context) => context.json({ error: `only ${methods.join(" and ")}` }, 405));
  }
  const paths = [...new Set(adminRequests.map(({ path }) => path))].join(", ");
  app.notFound((context) => context.json({ error: `unknown path; there are ${paths}` }, 404));
  app.onError((error, context) => {
    // The message names a row and a column, which the operator needs.
    if (error instanceof UnreadableRow) return context.json({ error: error.message }, 500);
    // The answer leaves out the message of other errors, which may name users and addresses.
    if (error instanceof Unavailable) {
      deps.log.warn({ err: error }, "a store did not answer");
      const why = `Redis or Postgres ${storeAnswer(error)}; the log of this process has more`;
      return context.json({ refusal: "unavailable", error: why }, 503);
    }
    deps.log.error({ err: error }, "a request to the admin port failed (a bug)");
    return context.json({ error: "this server failed at the request; its log has more" }, 500);
  });
  return async (asked) => {
    const request = requestOf(asked);
    const response =
      request === null
        ? Response.json(notHttp, { status: 400 })
        : await app.fetch(request, { address: asked.address });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };
}

const notHttp = { error: "no request to the admin port has such a path or such a method" };

/** Returns null for a path or a method that `Request` refuses, such as `//` or TRACE. */
function requestOf({ method, path, headers, body }: Asked): Request | null {
  try {
    const hasBody = method !== "GET" && method !== "HEAD";
    return new Request(new URL(path, "http://admin"), { method, headers, ...(hasBody && { body }) });
  } catch {
    return null;
  }
}

async function answer(context: Context<Env>, row: AnyRequest, deps: AdminAppDeps): Promise<Response> {
  const { credentials, services, useNonce, trail, wallMs } = deps;
  const authorization = context.req.header("authorization");
  const said = await callerOf(authorization, context.env.address, credentials, trail);
  if (!said.ok) return refusing(context, said);
  const caller = said.value;
  if (!mayAsk(caller.role, row.role))
    return refusing(context, { refusal: "not-allowed", detail: `only the role ${row.role} may do this` });
  const given = await givenIn(context, row);
  if (given === null)
    return refusing(context, { refusal: "invalid", detail: "the body is not a JSON object" });
  const read = readFields(row.fields, given);
  if (!read.ok) return refusing(context, { refusal: "invalid", detail: read.problem });
  const values = read.values as never;
  if (row.method === "GET") return answered(context, await carryOut(row, services, values, caller));
  const nonce = context.req.header(nonceHeader);
  const problem = nonceProblem(nonce, wallMs());
  if (nonce === undefined || problem !== null)
    return refusing(context, { refusal: problem ?? "nonce-missing" });
  if (!(await useNonce(nonce))) return refusing(context, { refusal: "nonce-used" });
  let outcome: Outcome<object, string> | null = null;
  try {
    outcome = await carryOut(row, services, values, caller);
    return answered(context, outcome);
  } finally {
    trail.note(entryAbout(row, caller, given, outcome));
  }
}

/** A text that is no name of anything may be a password that somebody typed into the wrong place. */
const meetsNothing = /^(invalid|not-found|no-such-.+|.+-invalid)$/;
/** So many UTF-16 units of each text of a refused command stay. */
const refusedUnitsMax = 64;

/** `outcome` is null if it is unknown. */
function entryAbout(
  { command, fields }: AnyRequest,
  { name: by, address }: Caller,
  given: { readonly [field: string]: unknown },
  outcome: Outcome<object, string> | null,
): TrailEntry {
  const told = outcome === null ? "unknown" : outcome.ok ? "done" : outcome.refusal;
  const { reason, ...shown } = Object.fromEntries(
    Object.entries(given).flatMap(([name, text]) => {
      const field = fields[name];
      if (field?.isSecret !== false || typeof text !== "string") return [];
      if (outcome?.ok === true || field.allowed !== undefined) return [[name, text]];
      return meetsNothing.test(told) ? [] : [[name, text.slice(0, refusedUnitsMax)]];
    }),
  );
  const about =
    outcome?.ok === true ? (outcome.value as Partial<Record<"accountId" | "charId", number>>) : {};
  return {
    what: command,
    accountId: about.accountId,
    charId: about.charId,
    by,
    why: reason,
    origin: { address },
    detail: { ...shown, outcome: told },
  };
}

const mayAsk = (has: Role, needs: Role): boolean => roles.indexOf(has) >= roles.indexOf(needs);

async function carryOut(
  row: AnyRequest,
  services: Services,
  values: never,
  caller: Caller,
): Promise<Outcome<object, string>> {
  try {
    return await row.answer(services, values, caller);
  } catch (error) {
    if (!(error instanceof AskedWrong)) throw error;
    return { ok: false, refusal: "invalid", detail: error.message } as const;
  }
}

/** Returns null if the body is not a JSON object. */
async function givenIn(
  { req }: Context<Env>,
  { method }: AnyRequest,
): Promise<{ readonly [name: string]: unknown } | null> {
  const named = req.param();
  if (method === "GET") return { ...req.query(), ...named };
  const text = await req.text();
  try {
    const body: unknown = text === "" ? {} : JSON.parse(text);
    return typeof body === "object" && body !== null && !Array.isArray(body) ? { ...body, ...named } : null;
  } catch {
    return null;
  }
}

function answered(context: Context<Env>, outcome: Awaited<ReturnType<AnyRequest["answer"]>>): Response {
  return outcome.ok ? context.json(outcome.value) : refusing(context, outcome);
}

function refusing(context: Context<Env>, refused: Omit<Refused<string>, "ok">): Response {
  const { refusal, detail, retryAfterMs } = refused;
  const status = statusOf[refusal] ?? 409;
  if (status === 401) context.header("www-authenticate", 'Bearer realm="sallyport", Basic realm="sallyport"');
  if (retryAfterMs !== undefined) context.header("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
  const error = detail ?? sentences[refusal] ?? `refused: ${refusal}`;
  return context.json({ refusal, error, ...(retryAfterMs !== undefined && { retryAfterMs }) }, status);
}
