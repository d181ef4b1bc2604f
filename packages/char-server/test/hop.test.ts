import {
  CharId,
  Fence,
  type Position,
  plainLooks,
  plainStanding,
  refused,
  Unavailable,
} from "@sallyport/domain";
import { defaultLockTiming, type Owner } from "@sallyport/lock-core";
import { beforeEach, describe, expect, test } from "vitest";
import type { HandOverDeps, Hop } from "../src/hand-over.ts";
import { type Answer, map, Scene, yes } from "./hand-over-scene.ts";

const other: Owner = { server: "other", incarnation: "other-1" };
const arrival: Position = { map: "forest", x: 7, y: 8 };
const state = { position: arrival, attributes: { gold: 7 } };
const declined = { ok: false, refusal: "map-unavailable", retryAfterMs: expect.any(Number) };
const lockLost = { ok: false, refusal: "lock-lost" };

let scene: Scene;
let numbersGiven = 0;
const nextNumber = (): number => ++numbersGiven;
/** In each test, the character plays in the harbour, under its first fence. */
beforeEach(async () => {
  scene = await Scene.open();
  scene.linkMap(other, "forest");
  await scene.choose();
  const { charId, ticket } = scene;
  const { loginId1 } = ticket;
  await scene.locks.apply(ticket.accountId, { type: "enter", owner: map, charId, charFence: 1, loginId1 });
  expect(await scene.lock()).toMatchObject({ state: "playing", owner: map });
  scene.expected.length = 0;
});

type RequestResult = { charFence?: number; charId?: number; to?: string };

const asked = (of: RequestResult = {}): Hop => ({
  owner: map,
  accountId: scene.ticket.accountId,
  loginId1: scene.ticket.loginId1,
  charId: CharId(of.charId ?? scene.charId),
  charFence: Fence(of.charFence ?? 1),
  saveNumber: nextNumber(),
  state: { ...state, position: { ...arrival, map: of.to ?? arrival.map } },
});

const hop = (changed: Partial<HandOverDeps> = {}, of: RequestResult = {}) =>
  scene.handOver(changed).hop(asked(of));

const save = (fence: number, saveNumber = nextNumber()) =>
  scene.stores.characters.save({
    charId: scene.charId,
    world: "Alpha",
    owner: fence === 1 ? map.server : other.server,
    fence: Fence(fence),
    saveNumber,
    state: { ...state, attributes: {} },
  });
const leave = () =>
  scene.locks.apply(scene.ticket.accountId, {
    type: "leave",
    owner: map,
    charId: scene.charId,
    charFence: 1,
  });
const saved = async () => {
  const { accountId } = scene.ticket;
  const [summary] = await scene.stores.characters.list({ accountId, world: "Alpha" });
  return summary?.position;
};
async function isAsBefore(): Promise<void> {
  expect(await scene.lock()).toMatchObject({ state: "playing", owner: map, charFence: 1 });
  expect(await save(1)).toMatchObject({ ok: true });
}

test("a char-server that stops completes the hop under way, and declines new ones", async () => {
  let say = (_answer: Answer): void => {};
  const isAsked = new Promise<void>((resolve) => {
    scene.says = () => {
      resolve();
      return new Promise((answer) => {
        say = answer;
      });
    };
  });
  const handOver = scene.handOver();
  const underWay = handOver.hop(asked());
  await isAsked;
  const order: string[] = [];
  const stopped = handOver.stop().then(() => order.push("stopped"));
  expect(await handOver.hop(asked())).toEqual(declined);
  say(yes);
  const hopped = underWay.then(({ ok }) => order.push(`hopped: ${ok}`));
  await Promise.all([stopped, hopped]);
  expect(order).toEqual(["hopped: true", "stopped"]);
  expect(await scene.lock()).toMatchObject({ state: "entering", owner: other });
});

test("a character that the other map-server accepts belongs to it, as saved, under a fence raised by that save", async () => {
  const { accountFence, charId, ticket } = scene;
  expect(await hop()).toEqual({
    ok: true,
    value: { host: "other", port: 3, wsUrl: null, otherDoors: [], near: [] },
  });
  expect(scene.expected).toEqual([
    {
      type: "character.expect",
      ...ticket,
      accountFence,
      charId,
      charFence: 2,
      name: "alice",
      slot: 0,
      position: arrival,
      attributes: JSON.stringify(state.attributes),
      waitMs: 30_000,
      trace: "",
      ...plainStanding,
      looks: plainLooks,
    },
  ]);
  expect(await scene.lock()).toMatchObject({ state: "entering", owner: other, charId, charFence: 2 });
  expect(await saved()).toEqual(arrival);
  expect(await save(1)).toMatchObject(lockLost);
  expect(await save(2)).toMatchObject({ ok: true });
});

test("until the other map-server says yes, the owner keeps the character and may save it", async () => {
  const underWay = nextNumber();
  scene.says = async () => {
    expect(await scene.lock()).toMatchObject({ state: "hopping", owner: map, target: other });
    expect(await save(1, underWay)).toMatchObject({ ok: true });
    return yes;
  };
  expect(await hop()).toMatchObject({ ok: true });
  expect.assertions(4);
});

describe("the owner keeps the character", () => {
  test.each(["full", "stopping", "map-not-hosted", "stale-fence"] as const)(
    "if the other map-server answers %s",
    async (refusal) => {
      scene.says = () => ({ ok: false, refusal });
      expect(await hop()).toMatchObject(declined);
      await isAsBefore();
    },
  );

  test("if the state does not fit the game of the other map-server", async () => {
    scene.says = () => ({ ok: false, refusal: "state-invalid" });
    expect(await hop()).toMatchObject({ ok: false, refusal: "state-invalid" });
    await isAsBefore();
  });

  test("if the other map-server does not answer; it is told to forget the character", async () => {
    scene.says = () => ({ ok: false, refusal: "unanswered" });
    expect(await hop()).toMatchObject(declined);
    expect(scene.forgotten).toEqual([{ charFence: 2 }]);
    await isAsBefore();
  });

  test.each(["nowhere", "harbour"])(
    "if no other map-server has the map (%s), and no server is asked",
    async (to) => {
      expect(await hop({}, { to })).toMatchObject(declined);
      expect(scene.expected).toEqual([]);
      await isAsBefore();
    },
  );

  test("if the state cannot be stored, and the other map-server forgets the character", async () => {
    const pass = async () => refused("state-invalid");
    expect(await hop({ characters: { ...scene.stores.characters, pass } })).toMatchObject({
      refusal: "state-invalid",
    });
    expect(scene.forgotten).toEqual([{ charFence: 2 }]);
    await isAsBefore();
  });

  test("if the database cannot look up the character", async () => {
    const list = () => Promise.reject(new Unavailable("no database"));
    expect(await hop({ characters: { ...scene.stores.characters, list } })).toMatchObject(declined);
    await isAsBefore();
  });

  test.each(["before", "after"] as const)(
    "if the lock store does not answer %s the hop is stored",
    async (when) => {
      expect(await hop({ locks: scene.failingOnce("hopping", when) })).toMatchObject(declined);
      await isAsBefore();
    },
  );

  test("and a second hop after that succeeds", async () => {
    scene.says = () => ({ ok: false, refusal: "full" });
    await hop();
    scene.says = () => yes;
    expect(await hop()).toMatchObject({ ok: true });
    expect(await scene.lock()).toMatchObject({ state: "entering", owner: other, charFence: 2 });
  });
});

describe("the owner loses the character, or may only leave", () => {
  test("if it is not the owner, and then no other server is asked", async () => {
    expect(await hop({}, { charFence: 2 })).toEqual(lockLost);
    expect(await hop({}, { charId: 1 })).toEqual(lockLost);
    expect(scene.expected).toEqual([]);
    await isAsBefore();
  });

  test.each<Answer>([yes, { ok: false, refusal: "full" }])(
    "if it is asked to release the character meanwhile: the other map-server forgets it ($ok)",
    async (answer) => {
      scene.says = async () => {
        await scene.evict();
        return answer;
      };
      expect(await hop()).toEqual(lockLost);
      expect(await scene.lock()).toMatchObject({ state: "evicting", owner: map, charFence: 1 });
      expect(scene.forgotten).toEqual([{ charFence: 2 }]);
      await leave();
      expect(await scene.lock()).toEqual({ state: "free" });
    },
  );

  test("if the other map-server is too slow, and the other forgets the character", async () => {
    scene.says = async () => {
      scene.nowMs += defaultLockTiming.handOverMs;
      await scene.expire();
      return yes;
    };
    expect(await hop()).toEqual(lockLost);
    expect(await scene.lock()).toMatchObject({ state: "playing", owner: map });
    expect(scene.forgotten).toEqual([{ charFence: 2 }]);
    await leave();
    expect(await scene.lock()).toEqual({ state: "free" });
  });

  test("if its fence is not the newest", async () => {
    await scene.stores.characters.take({ ...(await scene.reference()), owner: map.server });
    expect(await hop()).toMatchObject(lockLost);
    expect(scene.forgotten).toEqual([{ charFence: 2 }]);
    await leave();
    expect(await scene.lock()).toEqual({ state: "free" });
  });

  test("if the hop is stored only after a newer save of the owner, and that save stays", async () => {
    const { characters } = scene.stores;
    const pass: typeof characters.pass = async (...last) => {
      expect(await save(1)).toMatchObject({ ok: true });
      return characters.pass(...last);
    };
    expect(await hop({ characters: { ...characters, pass } })).toMatchObject(lockLost);
    expect(scene.forgotten).toEqual([{ charFence: 2 }]);
    await isAsBefore();
  });

  test.each(["before", "after"] as const)(
    "if the database does not answer %s it saves, and no other server gets the character",
    async (when) => {
      const { characters } = scene.stores;
      const pass: typeof characters.pass = async (...last) => {
        if (when === "after") await characters.pass(...last);
        throw new Unavailable("no database");
      };
      expect(await hop({ characters: { ...characters, pass } })).toMatchObject({ refusal: "unavailable" });
      expect(await scene.lock()).toMatchObject({ state: "playing", owner: map });
      expect(scene.forgotten).toEqual([{ charFence: 2 }]);
      expect((await save(1)).ok).toBe(when === "before");
      await leave();
      expect(await scene.lock()).toEqual({ state: "free" });
    },
  );
});

test.each(["before", "after"] as const)(
  "a lock store that does not answer %s the acknowledgement is asked again, for there is no way back",
  async (when) => {
    expect(await hop({ locks: scene.failingOnce("entering", when) })).toMatchObject({ ok: true });
    expect(await scene.lock()).toMatchObject({ state: "entering", owner: other, charFence: 2 });
    expect(scene.forgotten).toEqual([]);
  },
);

test("a map-server is not told to forget a character that a newer hand-over gives it under the same fence", async () => {
  const answers: ((answer: Answer) => void)[] = [];
  scene.says = () => new Promise((resolve) => answers.push(resolve));
  const late = hop();
  for (let turn = 0; turn < 1_000 && answers.length < 1; turn += 1) await Promise.resolve();
  // The owner leaves before its hop is answered. The next login chooses a map of the same map-server.
  await save(1);
  await leave();
  await scene.logIn();
  scene.says = () => yes;
  const choice = { ...(await scene.choice()), map: "forest" };
  expect(await scene.handOver().choose(choice)).toMatchObject({ ok: true, value: { map: "forest" } });
  expect(await scene.lock()).toMatchObject({ state: "entering", owner: other, charFence: 2 });

  answers[0]?.(yes);
  expect(await late).toMatchObject(lockLost);
  expect(scene.forgotten).toEqual([]);
  expect(await scene.lock()).toMatchObject({ state: "entering", owner: other, charFence: 2 });
});
