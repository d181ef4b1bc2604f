import { ManualClock } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { jwksPath, type RevocationList, revocationsPath, TokenFeed } from "../src/index.ts";
import { signIdentity, signRevocations } from "../src/issuing/index.ts";
import { claims, nowMs, type TestKey, testKey } from "./tokens-of-a-test.ts";

let clock: ManualClock;
let key: TestKey;
let pages: { [path: string]: string | number };
let asked: string[];
let failures: string[];
let feed: TokenFeed;
/** By how much the time of day was changed. */
let wallAheadMs: number;
/** The server takes requests, and says nothing. */
let isSilent: boolean;
/** Each answer waits for this. */
let heldUp: Promise<void>;

const listAt = (at: number, revoked: RevocationList["revoked"] = []): Promise<string> =>
  signRevocations(key.signing, { at, revoked, allBeforeMs: null });

beforeEach(async () => {
  clock = new ManualClock();
  key = await testKey();
  [asked, failures, wallAheadMs, isSilent, heldUp] = [[], [], 0, false, Promise.resolve()];
  pages = { [jwksPath]: JSON.stringify({ keys: [key.jwk] }), [revocationsPath]: await listAt(nowMs) };
  const startMs = clock.nowMs();
  feed = new TokenFeed({
    ...{ url: "http://login/", clock, wallMs: () => nowMs + wallAheadMs + clock.nowMs() - startMs },
    fetch: async (url, init) => {
      if (typeof url !== "string") throw new TypeError("the feed asks with a text");
      asked.push(url);
      init?.signal?.throwIfAborted();
      if (isSilent)
        return new Promise((_, reject) => {
          init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        });
      await heldUp;
      const page = pages[new URL(url).pathname];
      if (typeof page !== "string") return new Response("no", { status: page ?? 404 });
      return new Response(page);
    },
    observer: { failed: ({ path, why }) => failures.push(`${path}: ${why}`) },
  });
});

const whyNot = async (token: string): Promise<string> => {
  const answer = await feed.verify(token, "resource");
  return answer.type === "refused" ? answer.why : "identity";
};

describe("a feed", () => {
  test("knows no key before it has looked, and verifies when it has", async () => {
    expect([feed.keys, feed.revoked, feed.isFresh()]).toEqual([null, null, false]);
    await feed.look();
    expect(asked).toEqual([`http://login${jwksPath}`, `http://login${revocationsPath}`]);
    expect(await whyNot(await signIdentity(key.signing, claims))).toBe("identity");
    expect(feed.isFresh()).toBe(true);
    await feed.stop();
  });

  test("looks every 20 seconds, and then knows of a revocation", async () => {
    await feed.look();
    const token = await signIdentity(key.signing, claims);
    pages[revocationsPath] = await listAt(nowMs + 1_000, [{ account: 2_000_001, beforeMs: nowMs }]);
    expect(await whyNot(token)).toBe("identity");
    await clock.advance(20_000);
    await feed.look();
    expect(await whyNot(token)).toBe("revoked");
    await feed.stop();
  });

  test("looks at once for a key that it does not know, but not again and again", async () => {
    await feed.look();
    const newer = await testKey();
    pages[jwksPath] = JSON.stringify({ keys: [key.jwk, newer.jwk] });
    const token = await signIdentity(newer.signing, claims);
    expect(await whyNot(token)).toBe("unknown-key");
    await clock.advance(5_000);
    expect(await whyNot(token)).toBe("identity");
    const looks = asked.length;
    const forged = await signIdentity((await testKey()).signing, claims);
    for (let tries = 0; tries < 10; tries += 1) expect(await whyNot(forged)).toBe("unknown-key");
    expect(asked.length).toBe(looks);
    await feed.stop();
  });

  test("lets a token with an unknown key wait for a look that is under way, and asks for nothing more", async () => {
    await feed.look();
    const newer = await testKey();
    pages[jwksPath] = JSON.stringify({ keys: [key.jwk, newer.jwk] });
    const token = await signIdentity(newer.signing, claims);
    let arrive = (): void => {};
    heldUp = new Promise((resolve) => {
      arrive = resolve;
    });
    const looking = feed.look();
    const answers = [whyNot(token), whyNot(token)];
    arrive();
    expect(await Promise.all(answers)).toEqual(["identity", "identity"]);
    await looking;
    expect(asked).toHaveLength(4);
    await feed.stop();
  });

  test("goes on with what it has while nobody answers, until the list is two minutes old", async () => {
    await feed.look();
    pages = { [jwksPath]: 503, [revocationsPath]: 503 };
    await feed.look();
    expect(failures).toEqual([
      `${jwksPath}: the answer has the status 503`,
      `${revocationsPath}: the answer has the status 503`,
    ]);
    expect(await whyNot(await signIdentity(key.signing, claims))).toBe("identity");
    expect(feed.isFresh()).toBe(true);
    await clock.advance(120_000);
    expect(feed.isFresh()).toBe(false);
    await feed.stop();
  });

  test("waits five seconds of its clock for an answer, and asks again at its next look", async () => {
    await feed.look();
    isSilent = true;
    const looking = feed.look();
    await clock.advance(4_999);
    expect(failures).toEqual([]);
    await clock.advance(1);
    await clock.advance(5_000);
    await looking;
    const why = "there is no whole answer within 5 seconds";
    expect(failures).toEqual([`${jwksPath}: ${why}`, `${revocationsPath}: ${why}`]);
    isSilent = false;
    pages[revocationsPath] = await listAt(nowMs + 10_000);
    await feed.look();
    expect(feed.revoked?.at).toBe(nowMs + 10_000);
    await feed.stop();
  });

  test("stops at once while it waits for an answer, and then asks no more", async () => {
    await feed.look();
    isSilent = true;
    const looking = feed.look();
    await feed.stop();
    await looking;
    expect([failures, asked.length]).toEqual([[], 4]);
  });

  test("keeps the newest list when an older one is sent again", async () => {
    await feed.look();
    pages[revocationsPath] = await listAt(nowMs - 1, [{ account: 1, beforeMs: 1 }]);
    await feed.look();
    expect(feed.revoked).toMatchObject({ at: nowMs, revoked: [] });
    await feed.stop();
  });

  test("drops a list from the future, says so, and takes the next right one", async () => {
    pages[revocationsPath] = await listAt(nowMs + 30_001);
    await feed.look();
    expect([feed.revoked, feed.isFresh()]).toEqual([null, false]);
    expect(failures).toEqual([expect.stringContaining(`${revocationsPath}: the list is dated`)]);
    pages[revocationsPath] = await listAt(nowMs + 30_000);
    await feed.look();
    expect([feed.revoked?.at, feed.isFresh()]).toEqual([nowMs + 30_000, true]);
    await feed.stop();
  });

  test("takes a list that is older than the kept one when the clock was set back", async () => {
    wallAheadMs = 3_600_000;
    pages[revocationsPath] = await listAt(nowMs + wallAheadMs);
    await feed.look();
    expect(feed.isFresh()).toBe(true);
    wallAheadMs = 0;
    expect(feed.isFresh()).toBe(false);
    pages[revocationsPath] = await listAt(nowMs, [{ account: 2_000_001, beforeMs: nowMs }]);
    await feed.look();
    expect(feed.isFresh()).toBe(true);
    expect(await whyNot(await signIdentity(key.signing, claims))).toBe("revoked");
    await feed.stop();
  });

  test.each([
    ["keys that are none", jwksPath, '{"keys":[{}]}'],
    ["keys that are no JSON", jwksPath, "<html>"],
    ["a list that nobody signed", revocationsPath, "e30.e30.e30"],
    ["very much", revocationsPath, "x".repeat((8 << 20) + 1)],
  ])("takes nothing from an answer with %s, and says so", async (_, path, page) => {
    await feed.look();
    const known = feed.revoked;
    pages[path] = page;
    await feed.look();
    expect(failures).toHaveLength(1);
    expect(feed.revoked).toEqual(known);
    expect(await whyNot(await signIdentity(key.signing, claims))).toBe("identity");
    await feed.stop();
  });
});
