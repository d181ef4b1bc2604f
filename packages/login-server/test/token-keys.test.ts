import { createMemoryStores, type StoredTokenKey, type TokenStore } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import { type KeySeal, keysUnder, plainKeys } from "@sallyport/identity-token/issuing";
import { ManualClock, testHost, until } from "@sallyport/testkit";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { planKeys, publishedMs } from "../src/tokens/key-plan.ts";
import { TokenKeys } from "../src/tokens/token-keys.ts";

const dayMs = 86_400_000;
const startMs = 1_900_000_000_000;

describe("the plan of the keys", () => {
  const key = (number: number, madeMs: number, more: Partial<StoredTokenKey> = {}): StoredTokenKey => ({
    ...{ number, kid: `key ${number}`, publicKey: "", privateKey: "", madeMs },
    ...{ signsUntilMs: madeMs + 30 * dayMs, verifiesUntilMs: madeMs + 31 * dayMs, ...more },
  });
  const plan = (keys: readonly StoredTokenKey[], nowMs: number, canSign = (_: StoredTokenKey) => true) => {
    const { signsWith, makes, published } = planKeys(keys, nowMs, { lifeMs: 30 * dayMs, canSign });
    return { signs: signsWith?.number ?? null, makes, published: published.map(({ number }) => number) };
  };

  test("makes the first key, and signs with it at once", () => {
    expect(plan([], startMs)).toEqual({ signs: null, makes: 1, published: [] });
    expect(plan([key(1, startMs)], startMs)).toEqual({ signs: 1, makes: null, published: [1] });
  });

  test("makes the next key when a tenth of the life is left, and signs with it when it is known", () => {
    const lateMs = startMs + 27 * dayMs;
    expect(plan([key(1, startMs)], lateMs - 1)).toMatchObject({ signs: 1, makes: null });
    expect(plan([key(1, startMs)], lateMs)).toMatchObject({ signs: 1, makes: 2 });
    const both = [key(1, startMs), key(2, lateMs)];
    expect(plan(both, lateMs + publishedMs - 1)).toEqual({ signs: 1, makes: null, published: [1, 2] });
    expect(plan(both, lateMs + publishedMs)).toEqual({ signs: 2, makes: null, published: [1, 2] });
  });

  test("publishes a key until the last of its tokens has ended", () => {
    const both = [key(1, startMs), key(2, startMs + 27 * dayMs)];
    expect(plan(both, startMs + 31 * dayMs - 1).published).toEqual([1, 2]);
    expect(plan(both, startMs + 31 * dayMs).published).toEqual([2]);
  });

  test("never signs with a key that has ended or that this server does not have", () => {
    expect(plan([key(1, startMs)], startMs + 30 * dayMs)).toMatchObject({ signs: null, makes: 2 });
    expect(plan([key(1, startMs)], startMs, () => false)).toMatchObject({ signs: null, makes: 2 });
  });

  test("always signs with a published key whose tokens end before it does", () => {
    const ages = fc.array(fc.nat({ max: 40 * dayMs }), { maxLength: 6 });
    fc.assert(
      fc.property(ages, fc.nat({ max: 40 * dayMs }), (made, nowMs) => {
        const keys = made.toSorted((a, b) => a - b).map((madeMs, nth) => key(nth + 1, startMs + madeMs));
        const found = plan(keys, startMs + nowMs);
        if (found.signs === null) expect(found.makes).toBe(keys.length + 1);
        else expect(found.published).toContain(found.signs);
      }),
    );
  });
});

describe("login-servers", () => {
  const lifeMs = 2 * 3_600_000;
  let clock: ManualClock;
  let store: TokenStore;
  let isAway: boolean;
  beforeEach(() => {
    clock = new ManualClock();
    isAway = false;
    const kept = createMemoryStores({ now: () => startMs + clock.nowMs() }).tokens;
    const orAway =
      <A extends readonly unknown[], T>(run: (...of: A) => Promise<T>) =>
      async (...of: A): Promise<T> => {
        if (isAway) throw new Unavailable("away");
        return run(...of);
      };
    store = { ...kept, keys: orAway(kept.keys), addKey: orAway(kept.addKey) };
  });

  const server = (seal: KeySeal = plainKeys): TokenKeys =>
    new TokenKeys(testHost({ clock, wallMs: () => startMs + clock.nowMs() }), {
      ...{ store, seal, lifeMs },
    });
  const kidOf = async (keys: TokenKeys): Promise<string> => (await keys.signing()).kid;
  const kids = async (keys: TokenKeys): Promise<string[]> =>
    (await keys.published()).keys.map(({ kid }) => kid);

  test("that start at once have one key together", async () => {
    const servers = Array.from({ length: 4 }, () => server());
    const signs = await Promise.all(servers.map(kidOf));
    expect(new Set(signs).size).toBe(1);
    expect(await store.keys()).toHaveLength(1);
    for (const each of servers) expect(await kids(each)).toEqual([signs[0]]);
    for (const each of servers) await each.stop();
  });

  test("change to the next key together, and publish both until the tokens of the old one have ended", async () => {
    const servers = [server(), server()];
    const [old] = await Promise.all(servers.map(kidOf));
    await clock.advance(lifeMs * 0.9 + 60_000);
    // A thread makes the key, for which this clock does not wait.
    await until(async () => (await store.keys()).length === 2, { what: "the next key" });
    await clock.advance(publishedMs + 60_000);
    const [newer, same] = await Promise.all(servers.map(kidOf));
    expect(newer).not.toBe(old);
    expect(same).toBe(newer);
    for (const each of servers) expect(await kids(each)).toEqual([old, newer]);
    await clock.advance(lifeMs * 0.1 + dayMs);
    for (const each of servers) {
      const published = await kids(each);
      expect(published).not.toContain(old);
      expect(published).toContain(newer);
    }
    for (const each of servers) await each.stop();
  });

  test("go on with the key that they have while the store is away", async () => {
    const keys = server();
    const kid = await kidOf(keys);
    isAway = true;
    await clock.advance(lifeMs - 60_000);
    expect(await kidOf(keys)).toBe(kid);
    await clock.advance(60_000);
    await expect(keys.signing()).rejects.toThrow(Unavailable);
    await keys.stop();
  });

  test("make another key when the password of the keys changes, and both are published", async () => {
    const before = server(keysUnder("the first password"));
    const old = await kidOf(before);
    const after = server(keysUnder("the second password"));
    const newer = await kidOf(after);
    expect(newer).not.toBe(old);
    expect(await kids(after)).toEqual([old, newer]);
    for (const each of [before, after]) await each.stop();
  });

  test("store no private key in plain if there is a password", async () => {
    const keys = server(keysUnder("a password of an operator"));
    await keys.signing();
    const [stored] = await store.keys();
    expect(stored?.privateKey).toMatch(/^[\w-]+(?:\.[\w-]+){4}$/);
    await keys.stop();
  });
});
