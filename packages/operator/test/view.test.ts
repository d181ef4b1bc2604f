import { createMemoryStores, type LoginRow } from "@sallyport/database";
import { accountLockKey, characterLockKey, serverLockKey } from "@sallyport/lock-core";
import type { LockReader } from "@sallyport/lock-store";
import { MemoryLockStore } from "@sallyport/lock-store";
import { describe, expect, test } from "vitest";
import type { LockRow } from "../src/answers.ts";
import { locksText } from "../src/tables.ts";
import { AskedWrong, createOperatorView, type LocksAsked } from "../src/view.ts";
import { account, accountLocks, characterLocks, storeNowMs, wallNowMs } from "./scene.ts";

/**
 * Has locks of the login tier and of two worlds. If `isBetaSeen` is false, the process cannot read those of
 * Beta.
 */
async function scene({ isBetaSeen = true, logins = [] as readonly LoginRow[] } = {}) {
  const stores = createMemoryStores({ now: () => wallNowMs });
  const spaces = new Map(
    [null, "Alpha", "Beta"].map((world) => [world, new MemoryLockStore({ nowMs: () => storeNowMs })]),
  );
  const put = async (world: string | null, key: string, value: object): Promise<void> => {
    const change = {
      key,
      value: JSON.stringify(value),
      expectedVersion: 0,
      deadline: "none" as const,
      owner: null,
    };
    await spaces.get(world)?.compareAndSet(change);
  };
  const view = createOperatorView({
    evictMs: 10_000,
    directory: { list: async () => [] },
    lookup: {
      find: async (name) => (name === "walker" ? [account] : []),
      banned: async () => [],
      attributes: async () => new Map(),
      worlds: async () => ["Alpha", "Beta"],
    },
    trail: { refusals: async () => [], logins: async () => logins },
    ...{ networkBans: stores.networkBans, limits: async () => [] },
    readerOf: (world): LockReader | null =>
      world === "Beta" && !isBetaSeen ? null : (spaces.get(world) ?? null),
    ownWorlds: ["Alpha"],
    graceLeftMs: () => 0,
    wallMs: () => wallNowMs,
  });
  const all = async (asked: Partial<LocksAsked>) => {
    const pages: (readonly LockRow[])[] = [];
    let after: string | undefined;
    do {
      const { locks, next } = await view.locks({ limit: 100, ...asked, after });
      pages.push(locks);
      after = next ?? undefined;
    } while (after !== undefined);
    return {
      pages,
      keys: pages
        .flat()
        .map(({ world, kind, accountId, server }) => `${world} ${kind} ${accountId ?? server}`),
    };
  };
  /** Writes a value like another program. */
  const spoil = async (world: string | null, key: string, value: string): Promise<void> => {
    const change = { key, value, expectedVersion: 0, deadline: "none" as const, owner: null };
    await spaces.get(world)?.compareAndSet(change);
  };
  return { view, put, all, spoil, networkBans: stores.networkBans };
}

const server = (incarnation: string) => ({
  state: "connected",
  incarnation,
  cookieHash: "",
  deadlineMs: storeNowMs,
});

describe("locks", () => {
  test("of all tiers are listed in pages, each once, and no page is much longer than requested", async () => {
    const { put, all } = await scene();
    const expected: string[] = [];
    for (let id = 0; id < 700; id += 1) {
      await put(null, accountLockKey(id), accountLocks.held);
      await put(id % 2 === 0 ? "Alpha" : "Beta", characterLockKey(id), characterLocks.playing);
      expected.push(`null account ${id}`, `${id % 2 === 0 ? "Alpha" : "Beta"} character ${id}`);
    }
    for (const limit of [100, 500, 1_000]) {
      const { pages, keys } = await all({ limit });
      expect([...keys].sort()).toEqual([...expected].sort());
      for (const page of pages) expect(page.length).toBeLessThan(limit + 500);
    }
  });

  test("are filtered by kind, state, owner and world", async () => {
    const { put, all } = await scene();
    await put(null, accountLockKey(1), accountLocks.held);
    await put(null, accountLockKey(2), accountLocks.granted);
    await put(null, serverLockKey("alpha"), server("char-life"));
    await put("Alpha", characterLockKey(1), characterLocks.playing);
    await put("Alpha", serverLockKey("map-1"), server("map-life"));
    await put("Beta", characterLockKey(2), characterLocks.choosing);
    const keys = async (asked: Partial<LocksAsked>) => (await all(asked)).keys;
    expect(await keys({ kind: "account" })).toEqual(["null account 1", "null account 2"]);
    expect(await keys({ kind: "server" })).toEqual(["null server alpha", "Alpha server map-1"]);
    expect(await keys({ kind: "character" })).toEqual(["Alpha character 1", "Beta character 2"]);
    expect(await keys({ state: "granted" })).toEqual(["null account 2"]);
    expect(await keys({ owner: "alpha" })).toEqual(["null account 1", "Beta character 2"]);
    expect(await keys({ world: "Alpha" })).toEqual(["Alpha character 1", "Alpha server map-1"]);
    await expect(keys({ world: "Nowhere" })).rejects.toThrow("none is called Nowhere; there are Alpha, Beta");
    expect(await keys({ kind: "account", world: "Alpha" })).toEqual([]);
  });

  test("that match only one in thousands are found, although some pages are empty", async () => {
    const { put, view, all } = await scene();
    for (let id = 0; id < 3_000; id += 1) await put(null, accountLockKey(id), accountLocks.held);
    await put("Beta", characterLockKey(7), characterLocks.hopping);
    const first = await view.locks({ state: "hopping", limit: 10 });
    expect(first.locks).toEqual([]);
    expect(first.next).not.toBeNull();
    expect((await all({ state: "hopping", limit: 10 })).keys).toEqual(["Beta character 7"]);
  });

  test("show their owners in the state of the server lock", async () => {
    const { put, view } = await scene();
    await put(null, accountLockKey(1), accountLocks.held);
    await put("Alpha", characterLockKey(1), characterLocks.playing);
    await put("Alpha", characterLockKey(2), characterLocks.choosing);
    const statesOf = async () => {
      const { locks } = await view.locks({ limit: 10 });
      return locks.filter(({ kind }) => kind !== "server").map(({ ownerState }) => ownerState);
    };
    expect(await statesOf()).toEqual(["over", "over", "over"]);
    await put(null, serverLockKey("alpha"), server("char-life"));
    expect(await statesOf()).toEqual(["connected", "over", "connected"]);
    await put("Alpha", serverLockKey("map-1"), server("a later life"));
    expect(await statesOf()).toEqual(["connected", "over", "connected"]);
  });

  test("are refused after an invalid page position", async () => {
    const { view } = await scene();
    const place = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const after of [
      "nonsense",
      "",
      place([]),
      place([1, 2]),
      place(["Alpha", {}]),
      place([null, null, 3]),
      place(["Nowhere", null]),
    ])
      await expect(view.locks({ limit: 1, after }), after).rejects.toBeInstanceOf(AskedWrong);
  });
});

describe("a lock that cannot be read", () => {
  test.each(["no JSON", "[]", "{}", '{"state":"held"}', '{"state":"of a newer version"}'])(
    "such as %s is listed as unreadable with its key, beside all the others",
    async (value) => {
      const { put, view, spoil } = await scene();
      await put(null, accountLockKey(1), accountLocks.held);
      await spoil(null, accountLockKey(2), value);
      await spoil("Alpha", serverLockKey("map-1"), value);
      await put("Alpha", characterLockKey(1), characterLocks.playing);
      const answer = await view.locks({ limit: 10 });
      expect(answer.locks.map(({ kind, state, ownerState }) => [kind, state, ownerState])).toEqual([
        ["account", "held", "over"],
        ["account", "unreadable", null],
        ["character", "playing", "unreadable"],
        ["server", "unreadable", null],
      ]);
      expect((await view.locks({ limit: 10, state: "unreadable" })).locks).toMatchObject([
        { accountId: 2, world: null },
        { server: "map-1", world: "Alpha" },
      ]);
      const text = locksText(answer);
      expect(text).toMatch(/account +- +account #1 +held/);
      expect(text).toMatch(/account +- +account #2 +unreadable/);
      expect(text).toContain("Unreadable: Look at the key in Redis that ends in :lock:account:2.");
      expect(text).toContain("Unreadable: Look at the key in Redis that ends in :lock:server:map-1.");
    },
  );

  test("is reported with its server, or with its account", async () => {
    const { view, spoil } = await scene();
    await spoil("Alpha", serverLockKey("map-1"), "{}");
    await spoil(null, accountLockKey(account.accountId), "{}");
    await spoil("Alpha", characterLockKey(account.accountId), "{}");
    expect((await view.servers()).servers).toMatchObject([{ name: "map-1", condition: "unreadable" }]);
    const [found] = (await view.whois("walker", { isConfirmationRequired: false })).accounts;
    expect(found).toMatchObject({
      verdict: "lock-unreadable",
      locks: [{ state: "unreadable" }, { state: "unreadable" }],
      todo: [
        expect.stringContaining(`:lock:account:${account.accountId}.`),
        expect.stringContaining(`:lock:character:${account.accountId}.`),
        expect.anything(),
      ],
    });
    expect(found?.says).toContain("Its character lock in Alpha cannot be read.");
  });
});

test("locks in the memory of another process are named as unseen, without a claim about them", async () => {
  const { view, put } = await scene({ isBetaSeen: false });
  await put("Beta", characterLockKey(2000000), characterLocks.playing);
  const unseen = [expect.stringContaining("The locks of world Beta: without REDIS_URL")];
  expect(await view.locks({ limit: 10 })).toEqual({ locks: [], next: null, unseen });
  expect(await view.servers()).toEqual({ servers: [], unseen });
  const found = await view.whois("walker", { isConfirmationRequired: false });
  expect(found).toMatchObject({ unseen, accounts: [{ locks: [], verdict: "no-world" }] });
});

test("the bans of the addresses and devices of the newest logins are told, and how to lift them", async () => {
  const at = { fence: 1, connected_at: "", last_active_at: "", ended_at: null, client_version: null };
  const from = (address: string, device: string | null): LoginRow => ({
    ...{ ...at, account_id: account.accountId, dialect: "native" },
    ...{ address, device },
  });
  const logins = [from("10.0.0.7", null), from("10.0.0.8", "mac-1"), from("10.0.0.7", "mac-1")];
  const { view, networkBans } = await scene({ logins });
  const asked = async () => {
    const [found] = (await view.whois("walker", { isConfirmationRequired: false })).accounts;
    const { verdict, says, todo } = found ?? { verdict: null, says: [], todo: [] };
    return { verdict, todo, says: says.filter((sentence) => sentence.includes("which is banned")) };
  };
  const untilMs = wallNowMs + 300_000;
  await networkBans.add({ of: { network: "10.0.0.9" }, untilMs });
  await networkBans.add({ of: { device: "mac-2" }, untilMs });
  const todo = [expect.stringContaining("Start a char-server")];
  expect(await asked()).toEqual({ verdict: "no-world", todo, says: [] });

  await networkBans.add({ of: { device: "mac-1" }, untilMs: Number.POSITIVE_INFINITY });
  expect(await asked()).toMatchObject({
    verdict: "no-world",
    says: [
      "An earlier login came from device mac-1, which is banned for ever (ban #3): logins from there are refused as device-banned.",
    ],
    todo: ["To lift the ban of device mac-1: sallyport ban lift 3", ...todo],
  });

  await networkBans.add({ of: { network: "10.0.0.0/29" }, untilMs, reason: "test", by: "ada" });
  expect(await asked()).toMatchObject({
    verdict: "place-banned",
    says: [
      "Its last login came from 10.0.0.7, which is banned until 2026-11-21 16:35 UTC, for 5 min more by ada (ban #4 of 10.0.0.0/29): logins from there are refused as address-banned. Players are told: test",
      expect.stringContaining("device mac-1"),
    ],
    todo: ["To lift the ban of 10.0.0.0/29: sallyport ban lift 4", expect.anything(), ...todo],
  });
});
