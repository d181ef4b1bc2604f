import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccountAssertion,
  type AccountLock,
  accountReassertion,
  type CharacterAssertion,
  type CharacterLock,
  characterReassertion,
  type ServerAssertion,
  serverReassertion,
} from "../src/index.ts";
import {
  account,
  alpha,
  alphaAnew,
  beta,
  character,
  ids,
  laterIds,
  map,
  mapAnew,
  nowMs,
  otherMap,
  server,
  timing,
} from "./sample-locks.ts";
import { timed } from "./timed-core.ts";

const at = { nowMs, isRestoring: true };
const claimant = (owner: typeof alpha) => ({ ...owner, earlier: [] });
const nextOf = (decision: { ok: boolean }) => (decision as { next?: unknown }).next;

describe("an account lock that the store lost", () => {
  const core = timed(accountReassertion(timing).decide);
  const decide = (lock: AccountLock, said: AccountAssertion) => core(lock, said, at);
  const said: AccountAssertion = { ...ids, fence: 7, owner: claimant(alphaAnew) };

  test("is held again by the char-server that says it holds it", () => {
    const next = { state: "held", ...ids, fence: 7, owner: alphaAnew };
    expect(decide(account.free, said)).toEqual({ ok: true, next, effects: [] });
  });

  test("stays the same when the owner says so twice, or in a later incarnation", () => {
    const { held, evicting } = account;
    for (const lock of [held, evicting]) {
      expect(nextOf(decide(lock, { ...said, owner: claimant(alpha) }))).toBe(lock);
      expect(nextOf(decide(lock, said))).toEqual({ ...lock, owner: alphaAnew });
    }
  });

  test("goes to the owner with the newer fence, and the older owner is told", () => {
    const newer = { ...said, ...laterIds, fence: 8, owner: claimant(beta) };
    const taken = decide(account.held, newer);
    expect(taken).toMatchObject({ ok: true, next: { state: "held", fence: 8, owner: beta } });
    expect(taken).toMatchObject({ effects: [{ type: "lost", owner: alpha, loginId1: ids.loginId1 }] });
    const held = nextOf(taken) as AccountLock;
    expect(decide(held, said)).toEqual({ ok: false, refusal: "stale-fence" });
  });

  test("is not taken from another server or a login under the same fence", () => {
    expect(decide(account.held, { ...said, owner: claimant(beta) })).toMatchObject({ ok: false });
    expect(decide(account.granted, said)).toMatchObject({ ok: false });
    expect(decide(account.granted, { ...said, fence: 8 })).toMatchObject({ ok: true });
  });

  test("goes to the newest owner, in any order of their messages", () => {
    const saying = fc.record({
      fence: fc.integer({ min: 1, max: 5 }),
      owner: fc.constantFrom(claimant(alpha), claimant(beta)),
    });
    fc.assert(
      fc.property(fc.array(saying, { minLength: 1 }), (all) => {
        let lock: AccountLock = account.free;
        for (const each of all) {
          const decision = decide(lock, { ...ids, ...each });
          if (decision.ok) lock = decision.next;
        }
        expect(lock).toMatchObject({ state: "held", fence: Math.max(...all.map(({ fence }) => fence)) });
      }),
    );
  });
});

describe("a character lock that the store lost", () => {
  const decide = timed(characterReassertion(timing).decide);
  const inHand = { charId: 150, charFence: 3 };
  const said: CharacterAssertion = {
    ...ids,
    accountFence: 7,
    ...inHand,
    isPlaying: true,
    owner: claimant(map),
  };

  test("is restored only while the locks of the store are being restored", () => {
    expect(decide(character.free, said, { nowMs })).toEqual({ ok: false, refusal: "nothing-lost" });
  });

  test("is playing again, or waits for its client as long as after a choice", () => {
    const onMap = { ...ids, accountFence: 7, ...inHand, owner: map };
    expect(nextOf(decide(character.free, said, at))).toEqual({ state: "playing", ...onMap });
    const deadlineMs = nowMs + timing.charToMapMs;
    const waiting = { state: "entering", ...onMap, deadlineMs };
    expect(nextOf(decide(character.free, { ...said, isPlaying: false }, at))).toEqual(waiting);
  });

  test("stays the same when the owner says so twice, or in a later incarnation", () => {
    const { entering, playing, hopping, evicting } = character;
    for (const lock of [entering, playing, hopping, evicting]) {
      expect(nextOf(decide(lock, said, at))).toBe(lock);
      const anew = decide(lock, { ...said, owner: claimant(mapAnew) }, at);
      expect(nextOf(anew)).toEqual({ ...lock, owner: mapAnew });
    }
  });

  test("goes to the map-server with the newer fence, and the older one is told", () => {
    const newer = decide(character.playing, { ...said, charFence: 4, owner: claimant(otherMap) }, at);
    expect(newer).toMatchObject({ next: { owner: otherMap }, effects: [{ type: "lost", owner: map }] });
    expect(decide(nextOf(newer) as CharacterLock, said, at)).toEqual({ ok: false, refusal: "stale-fence" });
    const another = { ...said, charId: 151, charFence: 9, owner: claimant(otherMap) };
    expect(decide(character.playing, another, at)).toMatchObject({ ok: false });
    expect(decide(character.playing, { ...another, accountFence: 8 }, at)).toMatchObject({ ok: true });
  });

  test("goes to the newer login, on a map or at character select", () => {
    const { choosing, returning, "handing-over": handingOver } = character;
    for (const lock of [choosing, returning, handingOver]) {
      expect(decide(lock, said, at)).toEqual({ ok: false, refusal: "stale-fence" });
      expect(decide(lock, { ...said, ...laterIds, accountFence: 8 }, at)).toMatchObject({
        next: { state: "playing", accountFence: 8 },
        effects: [{ type: "kick-client", loginId1: ids.loginId1 }],
      });
    }
  });
});

test("a server lock that the store lost is restored, but no other lock is overwritten", () => {
  const { decide } = serverReassertion(timing);
  const said: ServerAssertion = { incarnation: "alpha-2", cookieHash: "c2", shownCookieHash: "c1" };
  const next = { state: "connected", ...said, deadlineMs: nowMs + timing.leaseMs };
  const deadline = { atMs: next.deadlineMs };
  expect(decide(server.absent, said, at)).toEqual({ ok: true, next, effects: [], deadline });
  expect(decide(server.connected, said, at)).toEqual({ ok: false, refusal: "server-lock-exists" });
  expect(decide(server.away, said, at)).toEqual({ ok: false, refusal: "server-lock-exists" });
});
