import { type CharacterNames, type CharacterStore, characterNames, noTrail } from "@sallyport/database";
import {
  type CharDoor,
  CharId,
  type CommandName,
  type CommandOf,
  type DeletionStep,
  type EventOf,
  LoginId,
  Unavailable,
} from "@sallyport/domain";
import { type Client, orUnavailable, silentLog, type Visit } from "@sallyport/server-kit";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { AccountOwners } from "../src/account-owners.ts";
import type { CharacterLocks } from "../src/character-locks.ts";
import { visitCharServer } from "../src/client-visit.ts";
import { position, Scene, self } from "./hand-over-scene.ts";

let scene: Scene;
/** These methods replace those of the character store. */
let around: Partial<CharacterStore>;
let sent: EventOf<CharDoor>[];
let visit: Visit<CharDoor>;
/** If this is true, no map-server hosts the map where new characters begin. */
let isSpawnMissing: boolean;
let locks: CharacterLocks;
let accounts: AccountOwners;
/** This function runs just before the character lock is opened. */
let meanwhile: () => void;
let hangUp: () => void;
/** The server gave up waiting for these statements, and they have not reached the database yet. */
let late: (() => Promise<unknown>)[];
let names: CharacterNames;
let deletionS: number;
let wallMs: number;
beforeEach(async () => {
  scene = await Scene.open();
  [around, sent, late, locks] = [{}, [], [], scene.locks];
  isSpawnMissing = false;
  meanwhile = () => {};
  names = characterNames();
  [deletionS, wallMs] = [0, 1_294_000_000_500];
  // The scene begins with a client at character select. These tests begin without one.
  await scene.evict();
  visit = come();
});

const unavailable = { ok: false, refusal: "unavailable" };
const done = { ok: true, value: {} };

function come(): Visit<CharDoor> {
  const log = silentLog();
  let isConnected = true;
  hangUp = () => {
    isConnected = false;
    visit.gone();
  };
  const client = {
    log,
    remote: "127.0.0.1:50000",
    introduction: null,
    get isConnected() {
      return isConnected;
    },
    follow: () => {},
    send: (event: EventOf<CharDoor>) => sent.push(event),
    disconnect: () => {
      isConnected = false;
    },
  } as unknown as Client<CharDoor>;
  const characters = new Proxy(scene.stores.characters, {
    get: (store, name: keyof CharacterStore) => around[name] ?? store[name],
  });
  accounts = scene.accountOwners(locks, () => meanwhile());
  return visitCharServer({ wallMs: () => wallMs }, client, {
    accounts,
    handOver: scene.handOver({ characters, locks }),
    characters,
    world: "Alpha",
    rules: { slotCount: 9, names, deletionS, spawn: position },
    spawnMap: { isMissing: isSpawnMissing },
    self,
    trail: noTrail,
  });
}

/** Sends a command to the visit. As at a real door, `arrived` is called before the handler of the command. */
async function say<N extends CommandName<CharDoor>>(
  command: { readonly type: N } & Parameters<Visit<CharDoor>["handlers"][N]>[0],
) {
  visit.arrived?.(command as CommandOf<CharDoor>);
  return orUnavailable(silentLog(), () => visit.handlers[command.type](command as never));
}

const enter = () => say({ type: "char.enter", ...scene.ticket });
const choose = (charId = scene.charId) => say({ type: "char.choose", charId });
const remove = (charId = scene.charId) => say({ type: "char.delete", charId });
const create = (name: string, slot = 1) => say({ type: "char.create", slot, name });

/**
 * The next request of this name gets no answer. The database carries it out at once, or when a test takes it
 * from `late`.
 */
function giveUp<N extends "create" | "delete" | "list" | "take" | "reserveDeletion">(
  name: N,
  arrives: "at once" | "late",
): void {
  const run = async (...of: readonly unknown[]): Promise<never> => {
    delete around[name];
    const statement = () =>
      (scene.stores.characters[name] as (...of: readonly unknown[]) => Promise<unknown>)(...of);
    if (arrives === "late") late.push(statement);
    else await statement();
    throw new Unavailable("not answered");
  };
  around[name] = run as never;
}

const hangUpFirst =
  (list: CharacterStore["list"]): CharacterStore["list"] =>
  (of) => {
    hangUp();
    return list.call(scene.stores.characters, of);
  };

const listed = async () =>
  (await scene.stores.characters.list({ accountId: scene.ticket.accountId, world: "Alpha" })).map(
    ({ name }) => name,
  );

test("a character is not created if no map-server has the map on which it would begin", async () => {
  isSpawnMissing = true;
  visit = come();
  await enter();
  const before = await listed();
  expect(await create("Grace")).toEqual({ ok: false, refusal: "map-unavailable", retryAfterMs: 10_000 });
  expect(await listed()).toEqual(before);
});

test.each([
  ["is lost", () => accounts.lost(scene.ticket, "lock-lost")],
  [
    "goes to a newer login",
    () => {
      const { ticket, accountFence } = scene;
      accounts.reclaimed({ ...ticket, loginId1: LoginId(99), accountFence, trace: "trace" });
    },
  ],
])(
  "a client whose account %s while it gets the character lock releases the lock, and may not choose",
  async (_how, lose) => {
    meanwhile = lose;
    expect(await enter()).toMatchObject(unavailable);
    await settled();
    expect(await scene.lock()).toMatchObject({ state: "free" });
    expect(await choose()).toMatchObject({ refusal: "out-of-order" });
    expect(scene.expected).toEqual([]);
  },
);

test.each([
  ["its characters are listed", () => (around.list = hangUpFirst(scene.stores.characters.list))],
  ["its character lock is being taken", () => (meanwhile = hangUp)],
])("a client that disconnects while %s leaves no lock behind", async (_when, arrange) => {
  arrange();
  expect(await enter()).toMatchObject(unavailable);
  await settled();
  expect([await scene.lock(), accounts.atSelect]).toEqual([{ state: "free" }, []]);
});

test("a client that was refused may enter again over the same connection", async () => {
  locks = scene.failingOnce("choosing", "before");
  visit = come();
  expect(await enter()).toMatchObject(unavailable);
  expect(await enter()).toMatchObject({ ok: true });
  expect(await enter()).toMatchObject({ refusal: "out-of-order" });
});

describe("a deletion without an answer", () => {
  test("deletes nothing if it arrives while the character is in play", async () => {
    await enter();
    giveUp("delete", "late");
    expect(await remove()).toMatchObject(unavailable);
    expect(await choose()).toMatchObject({ ok: true });
    const save = {
      charId: scene.charId,
      world: "Alpha",
      owner: "map",
      fence: scene.expected[0]?.charFence,
      saveNumber: 1,
    };
    const state = { position, attributes: { gold: 7 } };
    expect(await scene.stores.characters.save({ ...save, state } as never)).toMatchObject({ ok: true });
    for (const arrive of late) await arrive();
    expect(scene.stores.stateOf(scene.charId)).toEqual(state);
  });

  test.each(["at once", "late"] as const)(
    "may be repeated, and is carried out if it arrives %s",
    async (arrives) => {
      await enter();
      giveUp("delete", arrives);
      expect(await remove()).toMatchObject(unavailable);
      expect(await remove()).toEqual(done);
      expect(await remove()).toMatchObject({ refusal: "no-such-character" });
      for (const arrive of late) await arrive();
      expect(await listed()).toEqual([]);
    },
  );

  test("is noticed when the client chooses the deleted character, and another may be created", async () => {
    await enter();
    expect(await create("bob")).toMatchObject({ ok: true });
    const bob = (
      await scene.stores.characters.list({ accountId: scene.ticket.accountId, world: "Alpha" })
    )[1];
    giveUp("delete", "at once");
    expect(await remove()).toMatchObject(unavailable);
    expect(await choose()).toMatchObject({ refusal: "no-such-character" });
    expect(await choose(bob?.charId)).toMatchObject({ ok: true });
    expect(sent).toEqual([]);
  });
});

describe("a creation without an answer", () => {
  test.each(["at once", "late"] as const)(
    "may be repeated, and creates one character if it arrives %s",
    async (arrives) => {
      await enter();
      giveUp("create", arrives);
      expect(await create("bob")).toMatchObject(unavailable);
      const again = await create("bob");
      expect(again).toMatchObject({ ok: true, value: { name: "bob", slot: 1 } });
      for (const arrive of late) await arrive();
      expect(await listed()).toEqual(["alice", "bob"]);
      expect(await create("bob")).toMatchObject({ refusal: "slot-taken" });
      expect(
        await choose(again.ok ? CharId((again.value as { charId: number }).charId) : undefined),
      ).toMatchObject({ ok: true });
    },
  );
});

test("a character can be deleted after a choice that failed raised its fence", async () => {
  await enter();
  scene.says = () => ({ ok: false, refusal: "full" });
  expect(await choose()).toMatchObject({ refusal: "map-unavailable" });
  expect(await remove()).toEqual(done);
  expect(await listed()).toEqual([]);
});

describe("in a world that waits a day before it deletes a character,", () => {
  const day = 86_400;
  const nowS = 1_294_000_000;
  const wish = (step: DeletionStep) => say({ type: "char.delete", charId: scene.charId, step });
  const notYet = (seconds: number) => ({ ok: false, refusal: "not-yet", retryAfterMs: seconds * 1_000 });
  beforeEach(async () => {
    deletionS = day;
    visit = come();
    await enter();
  });

  test("an immediate deletion is answered with the time to wait, and is done after that time", async () => {
    expect(await remove()).toEqual(notYet(day - 0.5));
    wallMs += 1_000_000;
    expect(await remove()).toEqual(notYet(day - 1_000.5));
    wallMs += day * 1_000;
    expect(await remove()).toEqual(done);
    expect(await listed()).toEqual([]);
  });

  test("a reservation is answered with its time, and nothing is deleted before that time or without a request", async () => {
    expect(await wish("carry-out")).toEqual({ ok: false, refusal: "not-yet" });
    expect(await wish("reserve")).toEqual({ ok: true, value: { deleteAfterS: nowS + day } });
    wallMs += 1_000_000;
    expect(await wish("reserve")).toEqual({ ok: true, value: { deleteAfterS: nowS + day } });
    expect(await wish("carry-out")).toMatchObject({ ok: false, refusal: "not-yet" });
    expect(await listed()).toHaveLength(1);
    wallMs += day * 1_000;
    expect(await wish("cancel")).toEqual(done);
    expect(await wish("carry-out")).toEqual({ ok: false, refusal: "not-yet" });
    await wish("reserve");
    wallMs += day * 1_000;
    expect(await wish("carry-out")).toEqual(done);
    expect(await listed()).toEqual([]);
  });

  test("a reservation whose answer was lost is found when the client asks again", async () => {
    giveUp("reserveDeletion", "at once");
    expect(await wish("reserve")).toMatchObject(unavailable);
    wallMs += 5_000;
    expect(await wish("reserve")).toEqual({ ok: true, value: { deleteAfterS: nowS + day } });
  });

  test("a client cannot reserve the deletion of a character of another account", async () => {
    const other = { type: "char.delete", charId: CharId(1) } as const;
    for (const step of ["reserve", "cancel", "carry-out"] as const) {
      expect(await say({ ...other, step })).toEqual({ ok: false, refusal: "no-such-character" });
    }
  });
});

describe("while a store does not answer,", () => {
  test("login ids are refused but stay valid, and no lock is taken", async () => {
    giveUp("list", "at once");
    expect(await enter()).toMatchObject(unavailable);
    expect([scene.heldCount, await scene.lock(), sent]).toEqual([0, { state: "free" }, []]);
    expect(await enter()).toMatchObject({ ok: true, value: { characters: [{ name: "alice" }] } });
  });

  test("a client whose locks were just taken is at character select with the list that was read before", async () => {
    // The account was held here before, so the characters are listed twice.
    accounts.reclaimed({ ...scene.ticket, accountFence: scene.accountFence, trace: "trace" });
    const { list } = scene.stores.characters;
    let isFirst = true;
    around.list = (of) => {
      if (!isFirst) return Promise.reject(new Unavailable("no database"));
      isFirst = false;
      return list(of);
    };
    expect(await enter()).toMatchObject({ ok: true, value: { characters: [{ name: "alice" }] } });
    expect(await choose()).toMatchObject(unavailable);
    expect(await scene.lock()).toMatchObject({ state: "choosing" });
    delete around.list;
    expect(visit.isOver?.()).toBe(false);
    expect(await choose()).toMatchObject({ ok: true });
    // The visit is over, because the client has nothing left to do at this door.
    expect(visit.isOver?.()).toBe(true);
    expect(sent).toEqual([]);
  });

  test.each(["at once", "late"] as const)(
    "a choice may be repeated if the database carries it out %s",
    async (arrives) => {
      await enter();
      giveUp("take", arrives);
      expect(await choose()).toMatchObject(unavailable);
      expect(await choose()).toMatchObject({ ok: true });
      for (const arrive of late) expect(await arrive()).toMatchObject({ refusal: "raised-meanwhile" });
      expect(sent).toEqual([]);
      expect(await scene.lock()).toMatchObject({ state: "entering" });
    },
  );

  test.each([
    ["handing-over", "before"],
    ["handing-over", "after"],
    ["entering", "before"],
    ["entering", "after"],
  ] as const)(
    "a choice may be repeated if the lock store fails when a lock becomes %s, %s the lock is stored",
    async (state, when) => {
      locks = scene.failingOnce(state, when);
      visit = come();
      await enter();
      expect(await choose()).toMatchObject(unavailable);
      expect(await choose()).toMatchObject({ ok: true });
      expect(sent).toEqual([]);
      expect(await scene.lock()).toMatchObject({ state: "entering" });
    },
  );

  test("the lock of a client that chose and left is released", async () => {
    await enter();
    giveUp("take", "at once");
    const choosing = choose();
    hangUp();
    expect(await choosing).toMatchObject(unavailable);
    await settled();
    expect(await scene.lock()).toEqual({ state: "free" });
  });
});

describe("in a world of any alphabet,", () => {
  beforeEach(async () => {
    names = characterNames("unicode");
    visit = come();
    await enter();
  });

  test("a character has its name in one form, and no other character has a name that looks like it", async () => {
    expect(await create("Анна K", 1)).toMatchObject({ ok: false, refusal: "name-invalid" });
    expect(await create("Мари\u0438\u0306 ВОТ", 1)).toMatchObject({
      ok: true,
      value: { name: "Мари\u0439 ВОТ" },
    });
    expect(await create("мАРИ\u0418\u0306 вот", 2)).toEqual({ ok: false, refusal: "name-taken" });
    expect(await create("ВОТ", 2)).toMatchObject({ ok: true });
    expect(await create("Bot", 3)).toEqual({ ok: false, refusal: "name-taken" });
    expect(await create("Bott", 3)).toMatchObject({ ok: true });
  });

  test("a client that repeats a creation without an answer gets the character that was created", async () => {
    giveUp("create", "at once");
    expect(await create("ﾅﾙﾄｻﾝ")).toMatchObject(unavailable);
    expect(await create("ﾅﾙﾄｻﾝ")).toMatchObject({ ok: true, value: { name: "ナルトサン" } });
    expect(await listed()).toHaveLength(2);
  });
});
