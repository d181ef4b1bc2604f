import type { charToMap } from "@sallyport/cluster-protocol";
import { createMemoryStores, type MemoryStores } from "@sallyport/database";
import { CharId, Fence, LoginId, type LoginTicket, type Position, Unavailable } from "@sallyport/domain";
import { type HandlerAnswer, systemClock } from "@sallyport/link";
import { type CharacterEffect, defaultLockTiming } from "@sallyport/lock-core";
import { MemoryLockStore } from "@sallyport/lock-store";
import { silentLog } from "@sallyport/server-kit";
import type { MessageOf } from "@sallyport/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { CharacterLocks } from "../src/character-locks.ts";
import { HandOver, type HandOverDeps } from "../src/hand-over.ts";
import { MapHosting, type MapServerLink } from "../src/map-hosting.ts";

type Expect = MessageOf<typeof charToMap, "character.expect">;
type Answer =
  | HandlerAnswer<typeof charToMap, "character.expect">
  | { readonly ok: false; readonly refusal: "unanswered" };

const self = { server: "alpha", incarnation: "alpha-1" };
const map = { server: "map", incarnation: "map-1" };
const position: Position = { map: "harbour", x: 4, y: 5 };
const yes: Answer = { ok: true, value: {} };

let stores: MemoryStores;
let locks: CharacterLocks;
let hosting: MapHosting;
let ticket: LoginTicket;
let accountFence: Fence;
let charId: CharId;
let nowMs: number;
let effects: CharacterEffect[];
/** What the map-server was told and asked, and what it says. */
let expected: Expect[];
let forgotten: { charFence: number }[];
let says: (character: Expect) => Answer | Promise<Answer>;
let logins: number;

beforeEach(async () => {
  stores = createMemoryStores();
  [nowMs, logins, effects, expected, forgotten] = [0, 0, [], [], []];
  says = () => yes;
  const store = new MemoryLockStore({ nowMs: () => nowMs });
  locks = new CharacterLocks({
    store,
    timing: defaultLockTiming,
    clock: systemClock,
    perform: async (_accountId, effect) => void effects.push(effect),
  });
  hosting = new MapHosting();
  linkMap(map, "harbour");
  const parameters = { memoryKib: 8, iterations: 1, parallelism: 1 };
  const credential = {
    salt: new Uint8Array(16),
    storedKey: new Uint8Array(32),
    serverKey: new Uint8Array(32),
  };
  const made = await stores.accounts.create({
    name: "alice",
    sex: "female",
    credential: { ...credential, ...parameters },
  });
  if (!made.ok) throw new Error(made.refusal);
  ticket = { accountId: made.value.accountId, loginId1: LoginId(0), loginId2: LoginId(0), sex: "female" };
  await logIn();
  const { accountId } = ticket;
  const character = await stores.characters.create({
    accountId,
    accountFence,
    world: "Alpha",
    slot: 0,
    name: "alice",
    position,
  });
  if (!character.ok) throw new Error(character.refusal);
  charId = character.value.charId;
});

function linkMap(server: typeof map, ...maps: string[]): void {
  const link = {
    ask: async (character: Expect) => {
      expected.push(character);
      return says(character);
    },
    notify: (message: { type: string; charFence: number }) =>
      message.type === "character.forget" && forgotten.push({ charFence: message.charFence }),
  };
  hosting.add({ ...server, link: link as unknown as MapServerLink });
  hosting.announce(server.incarnation, { host: server.server, port: 3, maps });
}

/** New ids, a new fence, and a client at character select. */
async function logIn(): Promise<void> {
  logins += 1;
  const raised = await stores.accounts.raiseFence(ticket.accountId);
  if (!raised.ok) throw new Error(raised.refusal);
  accountFence = raised.value.fence;
  ticket = { ...ticket, loginId1: LoginId(logins * 10 + 1), loginId2: LoginId(logins * 10 + 2) };
  const { accountId, ...ids } = ticket;
  const opened = await locks.apply(accountId, { type: "open", owner: self, accountFence, ...ids });
  expect(opened.ok).toBe(true);
}

function handOver(characters: HandOverDeps["characters"] = stores.characters, isClientThere = () => true) {
  const deps = { locks, hosting, characters, world: "Alpha", timing: defaultLockTiming, log: silentLog() };
  const request = {
    owner: self,
    ticket,
    accountFence,
    trace: "trace",
    charId,
    map: "harbour",
    isClientThere,
  };
  return new HandOver(deps).run(request);
}

const lock = () => locks.read(ticket.accountId);
const evict = () => locks.evict(ticket.accountId, ticket.loginId1, "second-choice");
const retry = { refusal: "map-unavailable", retryAfterMs: expect.any(Number) };

test("a character that the map-server takes is its own, under the fence that it was loaded with", async () => {
  expect(await handOver()).toMatchObject({
    ok: true,
    value: { charId, map: "harbour", host: "map", port: 3 },
  });
  const [character] = expected;
  expect(character).toMatchObject({ ...ticket, charId, charFence: 1, position, waitMs: 30_000 });
  expect(await lock()).toMatchObject({ state: "entering", owner: map, charId, charFence: 1 });
  const saves = [{ charId, fence: Fence(1), state: { position, attributes: {} } }];
  expect(await stores.characters.saveMany(saves)).toEqual(new Map());
});

test("the map-server is asked while the lock is this server's, and has it only once it said yes", async () => {
  let whileAsked: unknown;
  says = async () => {
    whileAsked = await lock();
    return yes;
  };
  await handOver();
  expect(whileAsked).toMatchObject({ state: "handing-over", owner: self, target: map, charId });
});

describe("the client may choose again", () => {
  test("when nobody has the map", async () => {
    hosting.remove(map.incarnation);
    expect(await handOver()).toMatchObject(retry);
    expect(await lock()).toMatchObject({ state: "choosing", owner: self });
  });

  test.each(["full", "stopping", "map-not-hosted", "stale-fence"] as const)(
    "when the map-server says that it is %s",
    async (refusal) => {
      says = () => ({ ok: false, refusal });
      expect(await handOver()).toMatchObject(retry);
      expect(await lock()).toMatchObject({ state: "choosing", owner: self });
      expect(forgotten).toEqual([]);
    },
  );

  test("when the map-server says nothing, which is told to forget what it may have heard", async () => {
    says = () => ({ ok: false, refusal: "unanswered" });
    expect(await handOver()).toMatchObject(retry);
    expect(await lock()).toMatchObject({ state: "choosing", owner: self });
    expect(forgotten).toEqual([{ charFence: 1 }]);
  });

  test("when the character was deleted meanwhile", async () => {
    const { accountId } = ticket;
    await stores.characters.delete({ charId, accountId, accountFence, world: "Alpha" });
    expect(await handOver()).toEqual({ ok: false, refusal: "no-such-character" });
    expect(await lock()).toMatchObject({ state: "choosing", owner: self });
    expect(expected).toEqual([]);
  });
});

describe("the client has lost its place", () => {
  const lockLost = { ok: false, refusal: "lock-lost" };

  test("when the lock is not this login's any more, and then no fence is raised", async () => {
    const older = { ticket, accountFence };
    await evict();
    await logIn();
    const newer = { ticket, accountFence };
    ({ ticket, accountFence } = older);
    expect(await handOver()).toEqual(lockLost);
    ({ ticket, accountFence } = newer);
    expect(await lock()).toMatchObject({ state: "choosing", loginId1: ticket.loginId1 });
    expect(await handOver()).toMatchObject({ ok: true });
    expect(expected.map(({ charFence }) => charFence)).toEqual([1]);
  });

  test("when a newer login has the account: the character is not loaded, and no map-server asked", async () => {
    await stores.accounts.raiseFence(ticket.accountId);
    expect(await handOver()).toEqual(lockLost);
    expect(await lock()).toMatchObject({ state: "choosing", owner: self });
    expect(expected).toEqual([]);
  });

  test("when it was kicked while the map-server was asked, which forgets the character", async () => {
    says = async () => {
      await evict();
      return yes;
    };
    expect(await handOver()).toEqual(lockLost);
    expect(await lock()).toEqual({ state: "free" });
    expect(forgotten).toEqual([{ charFence: 1 }]);
    expect(effects.filter(({ type }) => type === "release-account")).toHaveLength(1);
  });

  test("when the map-server was too slow, which forgets the character", async () => {
    says = async () => {
      nowMs += defaultLockTiming.handOverMs;
      await locks.expire(`character:${ticket.accountId}`);
      return yes;
    };
    expect(await handOver()).toEqual(lockLost);
    expect(await lock()).toEqual({ state: "free" });
    expect(forgotten).toEqual([{ charFence: 1 }]);
  });

  test("when it went away meanwhile: the map-server forgets the character, and both locks are free", async () => {
    expect(await handOver(stores.characters, () => false)).toEqual(lockLost);
    expect(await lock()).toEqual({ state: "free" });
    expect(forgotten).toEqual([{ charFence: 1 }]);
    expect(effects).toEqual([{ type: "release-account", loginId1: ticket.loginId1 }]);
  });
});

test("what a database that does not answer leaves behind ends by its timer", async () => {
  const failing = { take: () => Promise.reject(new Unavailable("no database")) };
  await expect(handOver(failing)).rejects.toThrow(Unavailable);
  expect(await lock()).toMatchObject({ state: "handing-over", deadlineMs: defaultLockTiming.handOverMs });
  nowMs = defaultLockTiming.handOverMs;
  await locks.expire(`character:${ticket.accountId}`);
  expect(await lock()).toEqual({ state: "free" });
});

test("a late answer to a login that was ended does not count for the one after it", async () => {
  const answers: ((answer: Answer) => void)[] = [];
  says = () => new Promise((resolve) => answers.push(resolve));
  const asked = async (count: number): Promise<void> => {
    for (let turn = 0; turn < 1_000 && answers.length < count; turn += 1) await null;
    expect(answers).toHaveLength(count);
  };
  const older = handOver();
  await asked(1);
  await evict();
  await logIn();
  const newer = handOver();
  await asked(2);

  answers[0]?.(yes);
  expect(await older).toEqual({ ok: false, refusal: "lock-lost" });
  expect(await lock()).toMatchObject({ state: "handing-over", loginId1: ticket.loginId1 });
  answers[1]?.(yes);
  expect(await newer).toMatchObject({ ok: true });
  expect(await lock()).toMatchObject({ state: "entering", loginId1: ticket.loginId1, charFence: 2 });
  expect(forgotten).toEqual([{ charFence: 1 }]);
});

test("a character that was saved on another map after it was listed goes to whoever has that map", async () => {
  const forest = { server: "other", incarnation: "other-1" };
  linkMap(forest, "forest");
  const { accountId } = ticket;
  await stores.characters.take({ charId, accountId, accountFence, world: "Alpha" });
  const state = { position: { map: "forest", x: 1, y: 2 }, attributes: {} };
  await stores.characters.save({ charId, fence: Fence(1), state });
  expect(await handOver()).toMatchObject({ ok: true, value: { map: "forest", host: "other" } });
  expect(await lock()).toMatchObject({ state: "entering", owner: forest });
});
