import { charToMap, mapToChar } from "@sallyport/cluster-protocol";
import { accepted, Fence, Incarnation, LoginId } from "@sallyport/domain";
import { type Handlers, memoryChannelPair } from "@sallyport/link";
import { defaultLockTiming } from "@sallyport/lock-core";
import type { LockStore } from "@sallyport/lock-store";
import {
  type AdmittedServer,
  defaultLinkBounds,
  ServerLink,
  type ServerRegistry,
} from "@sallyport/server-kit";
import { ManualClock, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { CharacterLocks } from "../src/character-locks.ts";
import { createMapServerLinks } from "../src/map-server-links.ts";
import { SaveQueue } from "../src/save-queue.ts";
import { WorldStates } from "../src/world-states.ts";
import { map, Scene, self } from "./hand-over-scene.ts";

const credentials = { server: map.server, username: "alpha", password: "right" };
const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
/** This is the map-server after it came back. Its locks still belong to its earlier incarnation. */
const back: AdmittedServer = {
  server: map.server,
  incarnation: Incarnation("map-2"),
  earlier: [map.incarnation],
};

let scene: Scene;
/** The server holds the account for this login. It does not hold the account if this is null. */
let heldBy: LoginId | null;
/** If this is true, the store has noticed that it lost its locks. */
let hasLostLocks: boolean;
/** If this is not null, another program has overwritten the character's lock with this text. */
let overwritten: string | null;
/** If this is true, the registry knows that the map-server has its server lock. */
let isRecorded: boolean;
/** Reclaims were refused for these reasons. */
let refusals: string[];
/** The store calls this function before it changes a lock. */
let changing: () => void;
/** In each test, the character plays on a map-server whose link was lost. */
beforeEach(async () => {
  scene = await Scene.open();
  [heldBy, hasLostLocks, changing] = [scene.ticket.loginId1, false, () => {}];
  overwritten = null;
  [isRecorded, refusals] = [true, []];
  await scene.choose();
  const { charId, ticket } = scene;
  const { accountId, loginId1 } = ticket;
  await scene.locks.apply(accountId, { type: "enter", owner: map, charId, charFence: 1, loginId1 });
  expect(await scene.lock()).toMatchObject({ state: "playing", owner: map });
});

/** Lets the map-server come back and reclaim its character. Returns the accounts that it has lost. */
async function reclaim(): Promise<readonly number[]> {
  const { store } = scene;
  const losing: LockStore = {
    losses: { count: 1, graceLeftMs: () => (hasLostLocks ? 1_000 : 0) },
    generationOf: () => store.generationOf(),
    async load(key) {
      const loaded = await store.load(key);
      const { lock } = loaded;
      if (lock === null || overwritten === null) return loaded;
      return { ...loaded, lock: { ...lock, value: overwritten } };
    },
    compareAndSet: (change) => {
      changing();
      return store.compareAndSet(change);
    },
    due: (limit) => store.due(limit),
    ownedBy: (...page) => store.ownedBy(...page),
    close: () => store.close(),
  };
  const clock = new ManualClock();
  const host = testHost({ clock });
  const timing = defaultLockTiming;
  const locks = new CharacterLocks(host, { store: losing, timing, perform: async () => {} });
  const registry = {
    admit: async () =>
      accepted({
        admittedServer: back,
        incarnation: back.incarnation,
        cookie: randomBytes(32),
        reconnectMs: 15_000,
      }),
    reclaimed: async () => {},
    disconnect: async () => {},
    gaining: <A>(_owner: unknown, request: Promise<A>) => request,
    isRecorded: () => isRecorded,
  } as unknown as ServerRegistry;
  const links = createMapServerLinks(host, {
    passwordOf: () => credentials.password,
    registry,
    bounds: defaultLinkBounds,
    timing,
    locks,
    hosting: scene.hosting,
    restored: Promise.resolve(),
    saves: new SaveQueue(scene.stores.characters),
    characters: scene.stores.characters,
    worldStates: new WorldStates({ store: scene.stores.worldStates, world: "Alpha", mapServers: () => [] }),
    playerOrders: { answersTo: () => ({}) as never },
    handOver: scene.handOver({ locks }),
    self,
    accounts: {
      mayHold: (_accountId, loginId1) => loginId1 === heldBy,
      claim: async () => accepted([]),
    },
    world: "Alpha",
    announced: () => {},
  });
  const lost: number[] = [];
  const { accountId, loginId1, loginId2, sex } = scene.ticket;
  const server = new ServerLink<typeof mapToChar, typeof charToMap>(host, {
    to: "char-server",
    nameVariable: "MAP_SERVER_NAME",
    connect: async () => {
      const [near, far] = memoryChannelPair(["map", "char"]);
      links.accept(far);
      return near;
    },
    sends: mapToChar,
    receives: charToMap,
    handlers: {} as Handlers<typeof charToMap>,
    credentials,
    admitted: async (link) => {
      const { charId, accountFence } = scene;
      const character = {
        accountId,
        charId,
        charFence: Fence(1),
        loginId1,
        loginId2,
        sex,
        accountFence,
        trace: "trace",
        isPlaying: true,
      };
      const reclaimed = await link.ask({ type: "character.reclaim", characters: [character] }, 3_000);
      if (!reclaimed.ok) {
        refusals.push(reclaimed.refusal);
        return true;
      }
      lost.push(...reclaimed.value.lost);
      return true;
    },
    lost: () => {},
  });
  const started = server.start();
  await clock.advance(0);
  await started;
  return lost;
}

describe.each([
  ["that came back", false],
  ["that comes back after the store lost its locks", true],
])("a map-server %s", (_when, isLost) => {
  beforeEach(async () => {
    hasLostLocks = isLost;
    if (!isLost) return;
    const { charId, ticket } = scene;
    await scene.locks.apply(ticket.accountId, { type: "leave", owner: map, charId, charFence: 1 });
  });

  test("has a character whose account is held here by the same login", async () => {
    expect(await reclaim()).toEqual([]);
    expect(await scene.lock()).toMatchObject({ state: "playing", owner: { incarnation: back.incarnation } });
  });

  test.each([
    ["by nobody", null],
    ["by a newer login", LoginId(99)],
  ])("does not have a character whose account is held here %s", async (_whom, holder) => {
    heldBy = holder;
    const before = await scene.lock();
    expect(await reclaim()).toEqual([scene.ticket.accountId]);
    expect(await scene.lock()).toEqual(before);
  });
});

test("a character that is restored while its account is being released becomes free again", async () => {
  const { charId, ticket } = scene;
  await scene.locks.apply(ticket.accountId, { type: "leave", owner: map, charId, charFence: 1 });
  hasLostLocks = true;
  changing = () => {
    heldBy = null;
  };
  expect(await reclaim()).toEqual([ticket.accountId]);
  expect(await scene.lock()).toEqual({ state: "free" });
});

test("a map-server whose own lock was lost after its admission restores no character", async () => {
  const { charId, ticket } = scene;
  await scene.locks.apply(ticket.accountId, { type: "leave", owner: map, charId, charFence: 1 });
  hasLostLocks = true;
  isRecorded = false;
  expect(await reclaim()).toEqual([]);
  expect(refusals).toEqual(["unavailable"]);
  expect(await scene.lock()).toEqual({ state: "free" });
});

test("a map-server comes back without a character whose lock another program overwrote", async () => {
  overwritten = "{}";
  expect(await reclaim()).toEqual([scene.ticket.accountId]);
});
