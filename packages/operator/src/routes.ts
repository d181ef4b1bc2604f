import { Unavailable, UnreadableRow } from "@sallyport/domain";
import { lockKinds } from "@sallyport/lock-core";
import { storeAnswer } from "./store-answer.ts";
import { AskedWrong, type LocksAsked, type OperatorView } from "./view.ts";

/* The questions that the admin port answers, by path. */

export interface Told {
  readonly status: number;
  readonly body: object;
}

/** Answers a request to one of `operatorPaths`. */
export type Operators = (path: string, query: string) => Promise<Told>;

const limitMax = 1_000;

type Route = (view: OperatorView, asked: URLSearchParams) => Promise<object>;

const routes: { readonly [path: string]: Route } = {
  "/servers": (view) => view.servers(),
  "/locks": (view, asked) => view.locks(locksAsked(asked)),
  "/whois": (view, asked) => {
    const name = asked.get("name");
    if (name === null || name === "") throw new AskedWrong("name: missing");
    return view.whois(name);
  },
};

function locksAsked(asked: URLSearchParams): LocksAsked {
  const limit = Number(asked.get("limit") ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
    throw new AskedWrong(`limit: not a whole number from 1 to ${limitMax}`);
  const given = asked.get("kind") ?? undefined;
  const kind = lockKinds.find((each) => each === given);
  if (given !== undefined && kind === undefined)
    throw new AskedWrong(`kind: not one of ${lockKinds.join(", ")}`);
  const text = (name: string): string | undefined => asked.get(name) ?? undefined;
  return {
    kind,
    limit,
    state: text("state"),
    owner: text("owner"),
    world: text("world"),
    after: text("after"),
  };
}

export const operatorPaths: readonly string[] = Object.keys(routes);

/**
 * Passes a question to `operators`. `operators` is null if this process has no store to read, and undefined
 * if this process has not started yet.
 */
export async function tellOperator(
  operators: Operators | null | undefined,
  path: string,
  query: string,
): Promise<Told> {
  if (operators === undefined) return { status: 503, body: { error: "not started yet" } };
  if (operators === null)
    return {
      status: 404,
      body: { error: "this server does not read accounts: ask a login-server or char-server" },
    };
  return operators(path, query);
}

export const operatorsOf =
  (view: OperatorView): Operators =>
  async (path, query) => {
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) throw new Error(`nobody asks ${path}`);
    try {
      return { status: 200, body: await route(view, new URLSearchParams(query)) };
    } catch (error) {
      if (error instanceof AskedWrong) return { status: 400, body: { error: error.message } };
      // The message names a row and a column, which the operator needs.
      if (error instanceof UnreadableRow) return { status: 500, body: { error: error.message } };
      // The answer leaves out the error's message, which may name users and addresses.
      if (error instanceof Unavailable)
        return {
          status: 503,
          body: { error: `Redis or Postgres ${storeAnswer(error)}; the log of this process has more` },
        };
      throw error;
    }
  };
