import { unlimited } from "@sallyport/authentication";
import { createMemoryStores, createMemoryTrail, type FoundAccount, type TrailRow } from "@sallyport/database";
import { AccountId, accepted, type Role, refused } from "@sallyport/domain";
import { type AdminAppDeps, createAdminApp } from "../src/port/admin-app.ts";
import { newNonce } from "../src/port/nonce.ts";
import type { Services } from "../src/requests/request.ts";
import type { OperatorView } from "../src/view.ts";
import { account, wallNowMs } from "./scene.ts";

/* An admin port on services made by hand. It has three accounts, one character, and a trail of one row. */

export const token = "0f1e2d3c4b5a69788796a5b4";
export const bearer = { authorization: `Bearer ${token}` };
export const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});

export const view: OperatorView = {
  servers: async () => ({ servers: [], unseen: [] }),
  locks: async () => ({ locks: [], next: null, unseen: [] }),
  whois: async (name) => ({ name, accounts: [], unseen: [] }),
};

export const row: TrailRow = {
  id: "019ab83e-0000-7000-8000-000000000001",
  at: "2026-11-21T16:29:00+00:00",
  what: "login",
  account_id: account.accountId,
  char_id: null,
  address: "10.0.0.7",
  device: null,
  dialect: "native",
  client_version: "sdk 1",
  server: "login-1",
  by: null,
  why: null,
  detail: { way: "proof" },
};

const neverAsked = () => Promise.reject(new Error("nobody may ask this"));
const noAccounts: Services["accounts"] = {
  ...{ setBan: neverAsked, setMute: neverAsked, setRole: neverAsked },
};

const boss: FoundAccount = {
  ...{ ...account, accountId: 2_000_009, name: "boss", role: "administrator" },
  characters: [{ charId: 150_009, name: "boss", world: "Alpha", map: "harbour", lastPlayedMs: null }],
};

/** The trail has one row, and answers any question with it. */
export const services = (seen: OperatorView, world: Services["world"]): Services => ({
  view: seen,
  world,
  login: null,
  accounts: noAccounts,
  accountAdmin: { delete: neverAsked, export: neverAsked, setEmail: neverAsked, setPassword: neverAsked },
  invitations: { add: neverAsked },
  limits: async ({ name, address }) =>
    [name, address].includes("10.0.0.7")
      ? [{ by: "address", count: 5, limit: 5, isReached: true, leftMs: 42_000 }]
      : [],
  networkBans: createMemoryStores().networkBans,
  ...{ register: neverAsked, createCredential: neverAsked, orderGiven: () => {}, wallMs: () => wallNowMs },
  lookup: {
    find: async (name) => {
      if (["boss", `#${boss.accountId}`].includes(name)) return [boss];
      return ["walker", "wanda"].includes(name) ? [account] : [];
    },
    banned: async () => [],
    attributes: async (charIds) => new Map(charIds.map((charId) => [charId, { $version: 2, lines: 7 }])),
  },
  trail: {
    read: async ({ accountIds, charIds, address }) => ({
      rows: [{ ...row, detail: { accountIds, charIds, address } }],
      before: row.id,
    }),
    logins: async () => [],
    counts: async (accountIds) =>
      accountIds.map((accountId) => ({ account_id: accountId, log_ons: 5, log_offs: 4 })),
  },
});

/** Accounts by their names. The password of each is `right`. */
const accounts: { readonly [name: string]: Role } = {
  wanda: "player",
  gareth: "gamemaster",
  ada: "administrator",
};

export function open(deps: Partial<AdminAppDeps> & { readonly view?: OperatorView } = {}) {
  const drained: string[] = [];
  const asked: unknown[] = [];
  const used = new Set<string>();
  const logged: unknown[] = [];
  const line = (fields: object, message: string) => void logged.push({ ...fields, message });
  const trail = createMemoryTrail();
  const statusOf = (server: string) =>
    server === "map-1" ? ({ server, state: "up", players: 3, maps: [] } as const) : null;
  const renamed: string[] = [];
  const announced: unknown[] = [];
  const world = {
    name: "Alpha",
    changes: {
      rename: async (name: string, to: string) => {
        if (to === "taken") return refused("name-taken");
        renamed.push(`${name} to ${to}`);
        return accepted({});
      },
      move: async () => refused("no-such-map"),
      delete: async () => refused("unavailable"),
    },
    operations: { change: neverAsked },
    playerOrders: {
      announce: async (...of: readonly unknown[]) => {
        announced.push(of);
        return accepted({});
      },
    },
    statusOf,
    drain: async (server: string) => {
      drained.push(server);
      return statusOf(server);
    },
  };
  const seen: OperatorView = {
    ...(deps.view ?? view),
    locks: (filters) => {
      asked.push(filters);
      return (deps.view ?? view).locks(filters);
    },
  };
  const operators = createAdminApp({
    services: services(seen, world),
    credentials: {
      ...{ token, limits: unlimited },
      hasher: { createCredential: neverAsked },
      authentication: {
        register: neverAsked,
        byPassword: async ({ name, password }, { meant }) => {
          const role = Object.hasOwn(accounts, name) ? accounts[name] : undefined;
          if (name === "flooded") return refused("busy", 4_200);
          meant?.(role === undefined ? null : AccountId(account.accountId));
          if (role === undefined || password !== "right") return refused("wrong-name-or-password");
          return accepted({ accountId: 2_000_000, name, role } as never);
        },
      },
    },
    useNonce: async (nonce) => !used.has(nonce) && used.add(nonce).size > 0,
    trail,
    wallMs: () => wallNowMs,
    log: { error: line, warn: line },
    ...deps,
  });
  const send = async (
    method: string,
    path: string,
    headers: { readonly [name: string]: string } = bearer,
    body = "",
  ) => {
    const told = await operators({ method, path, headers, body, address: "127.0.0.1" });
    return { status: told.status, said: JSON.parse(told.body), headers: told.headers };
  };
  return {
    send,
    get: (path: string) => send("GET", path),
    drained,
    renamed,
    announced,
    asked,
    logged,
    noted: trail.entries,
  };
}

export const withNonce = (headers: object = bearer, nonce = newNonce(wallNowMs)) => ({
  ...(headers as typeof bearer),
  "sallyport-nonce": nonce,
});
export const drain = "/map-servers/map-1/drain";
