import { accepted, type Json, type Outcome, refused } from "@sallyport/domain";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { WorldStateDefinition } from "../src/world-state.ts";
import { WorldStates, type WorldStatesDeps, waitingMax } from "../src/world-states.ts";

type Link = WorldStatesDeps["link"];
type Write = Parameters<Link["changeWorld"]>[0];

/** A char-server with its store. Other map-servers change the store by `put`. */
class HandMadeCharServer implements Link {
  readonly stored = new Map<string, { version: number; value: string | null }>();
  readonly reads: (readonly string[])[] = [];
  readonly writes: Write[] = [];
  readonly #done = new Map<string, number>();
  #versions = 0;
  isAway = false;
  /** The answers to this many writes get lost after they were carried out. */
  answersLost = 0;
  beforeWrite: () => void = () => {};
  /** Reads and writes wait for this. */
  opened: Promise<void> = Promise.resolve();

  put(key: string, value: Json): number {
    this.#versions += 1;
    this.stored.set(key, { version: this.#versions, value: JSON.stringify(value) });
    return this.#versions;
  }

  count = (key = "sign"): unknown => JSON.parse(this.stored.get(key)?.value ?? "null")?.count;

  readonly readWorld: Link["readWorld"] = async (keys) => {
    await this.opened;
    if (this.isAway) return refused("no-link");
    this.reads.push(keys);
    const states = keys.flatMap((key) => {
      const state = this.stored.get(key);
      return state === undefined ? [] : [{ key, ...state }];
    });
    return accepted({ states });
  };

  readonly changeWorld: Link["changeWorld"] = async (write) => {
    await this.opened;
    if (this.isAway) return refused("no-link");
    this.beforeWrite();
    this.writes.push(write);
    const outcome = this.#change(write);
    if (this.answersLost === 0) return outcome;
    this.answersLost -= 1;
    return refused("unanswered");
  };

  #change({ key, version, value, writer, number }: Write): Outcome<{ version: number }, "conflict"> {
    const id = `${key} ${writer} ${number}`;
    const done = this.#done.get(id);
    if (done !== undefined) return accepted({ version: done });
    if ((this.stored.get(key)?.version ?? 0) !== version) return refused("conflict");
    const made = this.put(key, JSON.parse(value));
    this.#done.set(id, made);
    return accepted({ version: made });
  }
}

const countOf = (state: Json): number => (state as { readonly count: number }).count;
const counter: WorldStateDefinition = {
  initial: { count: 0 },
  changes: {
    add: (state, by) => ({ count: countOf(state) + Number(by) }),
    times: (state, by) => ({ count: countOf(state) * Number(by) }),
    fail: () => {
      throw new Error("no such shell");
    },
    misfit: () => ({ shells: 1 }),
    grow: () => ({ count: 1, text: "x".repeat(64 * 1024) }),
    late: (() => Promise.resolve({ count: 7 })) as unknown as () => Json,
    spoil: (state) => Object.assign(state as object, { count: 99 }) as never,
  },
  parse: (value) =>
    typeof countOf(value) === "number" ? { ok: true, value } : { ok: false, why: "count: expected a number" },
};

let world: HandMadeCharServer;
let clock: ManualClock;
let lines: { readonly about: object; readonly message: string }[];
let seen: [key: string, state: Json][];
let states: WorldStates;
beforeEach(async () => {
  world = new HandMadeCharServer();
  clock = new ManualClock();
  lines = [];
  seen = [];
  states = await open();
});

async function open(definitions: Readonly<Record<string, WorldStateDefinition>> = { sign: counter }) {
  const line = (about: object, message: string): void => void lines.push({ about, message });
  const { log } = testHost();
  const opened = new WorldStates(
    testHost({ clock, log: { ...log, warn: line, error: line } as typeof log }),
    {
      link: world,
      definitions,
      changed: (key, state) => void seen.push([key, state]),
    },
  );
  opened.readAll();
  await settled();
  return opened;
}

/** Asks for changes, and lets time pass until they must be answered. */
async function change(...wanted: readonly (readonly [name: string, input: Json])[]) {
  const answers = wanted.map(([name, input]) => states.change("sign", name, input));
  await clock.advance(20_000);
  return Promise.all(answers);
}

describe("a change", () => {
  test("is computed from the initial state while nothing is stored, and is then the newest state", async () => {
    expect(states.get("sign")).toEqual({ count: 0 });
    expect(await change(["add", 2])).toEqual([accepted({ count: 2 })]);
    expect(world.writes).toMatchObject([{ key: "sign", version: 0, value: '{"count":2}', number: 1 }]);
    expect(states.get("sign")).toEqual({ count: 2 });
    expect(seen).toEqual([
      ["sign", { count: 0 }],
      ["sign", { count: 2 }],
    ]);
  });

  test("that another server overtook is computed again from the state that is read then", async () => {
    let others = 3;
    world.beforeWrite = () => {
      others -= 1;
      if (others >= 0) world.put("sign", { count: 10 * (3 - others) });
    };
    expect(await change(["add", 1])).toEqual([accepted({ count: 31 })]);
    expect(world.count()).toBe(31);
    expect(lines).toEqual([]);
  });

  test("whose outcome is unknown is repeated under the same write id, and made once", async () => {
    world.answersLost = 3;
    expect(await change(["add", 1])).toEqual([accepted({ count: 1 })]);
    expect(world.count()).toBe(1);
    expect(world.writes).toHaveLength(4);
    expect(
      new Set(world.writes.map(({ writer, number, version }) => `${writer} ${number} ${version}`)).size,
    ).toBe(1);
  });

  test("whose outcome is unknown is made once even if others have changed the key since", async () => {
    world.answersLost = 1;
    const answer = states.change("sign", "add", 1);
    await settled();
    world.put("sign", { count: 101 });
    await clock.advance(20_000);
    expect(await answer).toEqual(accepted({ count: 1 }));
    states.readAll();
    await settled();
    expect([world.count(), states.get("sign")]).toEqual([101, { count: 101 }]);
  });

  test("waits while there is no link, and is made when there is one", async () => {
    world.isAway = true;
    const answer = states.change("sign", "add", 1);
    await clock.advance(60_000);
    world.isAway = false;
    await clock.advance(1_000);
    expect(await answer).toEqual(accepted({ count: 1 }));
  });

  test("is given up after twenty conflicts in a row, and the log names its key", async () => {
    world.beforeWrite = () => void world.put("sign", { count: 5 });
    expect(await change(["add", 1])).toEqual([refused("contended")]);
    expect(world.writes).toHaveLength(20);
    expect(world.count()).toBe(5);
    const about = { worldKey: "sign", change: "add", why: expect.stringContaining("20 times") };
    expect(lines).toEqual([{ about, message: "a change of a world state was not made" }]);
    world.beforeWrite = () => {};
    expect(await change(["add", 1])).toEqual([accepted({ count: 6 })]);
  });

  test.each([
    ["fail", "failed", /threw an error/],
    ["misfit", "misfit", /does not fit: count: expected a number/],
    ["grow", "misfit", /at most 64 KiB/],
    ["late", "misfit", /no JSON/],
    ["toString", "unknown-change", /no such change/],
  ] as const)("that cannot be computed (%s) costs itself, and no other", async (name, refusal, why) => {
    expect(await change(["add", 1], [name, null], ["add", 1])).toEqual([
      accepted({ count: 1 }),
      refused(refusal),
      accepted({ count: 2 }),
    ]);
    expect(world.count()).toBe(2);
    expect(lines).toMatchObject([
      { about: { worldKey: "sign", change: name, why: expect.stringMatching(why) } },
    ]);
  });

  test("of an unknown key is refused", async () => {
    expect(await states.change("door", "add", 1)).toEqual(refused("unknown-change"));
  });

  test("cannot spoil the state that others are shown", async () => {
    const before = states.get("sign");
    world.isAway = true;
    void states.change("sign", "spoil", null);
    await settled();
    expect(before).toEqual({ count: 0 });
    expect(counter.initial).toEqual({ count: 0 });
  });
});

describe("changes that wait", () => {
  test("are made in their order, in one write for all that came meanwhile", async () => {
    const answers = await change(["add", 1], ["times", 10], ["add", 2], ["times", 3]);
    expect(world.count()).toBe(36);
    expect(answers[0]).toEqual(accepted({ count: 1 }));
    expect(answers.slice(1)).toEqual([36, 36, 36].map((count) => accepted({ count })));
    expect(world.writes.map(({ number }) => number)).toEqual([1, 2]);
  });

  test("keep their order after a conflict", async () => {
    world.beforeWrite = () => {
      if (world.writes.length === 0) world.put("sign", { count: 5 });
    };
    await change(["times", 2], ["add", 1], ["times", 10]);
    expect(world.count()).toBe(110);
  });

  test("are at most a thousand; the newest is refused", async () => {
    world.isAway = true;
    const answers = Array.from({ length: waitingMax }, () => states.change("sign", "add", 1));
    expect(await states.change("sign", "add", 1)).toEqual(refused("too-many"));
    expect(lines).toHaveLength(1);
    world.isAway = false;
    await clock.advance(10_000);
    await Promise.all(answers);
    expect(world.count()).toBe(waitingMax);
  });
});

describe("a stored value that does not fit the schema", () => {
  beforeEach(async () => {
    world.put("sign", { shells: 3 });
    states.readAll();
    await settled();
  });

  test("is unknown to the game; its changes are refused, and nothing is overwritten", async () => {
    expect(states.get("sign")).toBeUndefined();
    expect(await change(["add", 1])).toEqual([refused("unreadable")]);
    expect(world.writes).toEqual([]);
    expect(lines[0]).toEqual({
      about: { worldKey: "sign", why: "count: expected a number" },
      message: "a world state cannot be used; its changes are refused",
    });
  });

  test("is reported once, and is used again after an operator has corrected it", async () => {
    await clock.advance(90_000);
    expect(lines).toHaveLength(1);
    world.put("sign", { count: 3 });
    await clock.advance(30_000);
    expect(await change(["add", 1])).toEqual([accepted({ count: 4 })]);
  });

  test.each([null, "{", "1e400"])("is treated in the same way if no server can use it: %s", async (value) => {
    world.stored.set("sign", { version: 0, value });
    states.readAll();
    await settled();
    expect(await change(["add", 1])).toEqual([refused("unreadable")]);
    expect(world.writes).toEqual([]);
  });

  test("fits after the game was replaced", async () => {
    const shells: WorldStateDefinition = { ...counter, parse: (value) => ({ ok: true, value }) };
    states.define({ sign: shells });
    expect(states.get("sign")).toEqual({ shells: 3 });
  });
});

describe("news", () => {
  test("of other servers come with a notice, and an older one changes nothing", () => {
    const version = world.put("sign", { count: 3 });
    states.noticed({ key: "sign", version, value: '{"count":3}' });
    expect(states.get("sign")).toEqual({ count: 3 });
    states.noticed({ key: "sign", version: version - 1, value: '{"count":2}' });
    states.noticed({ key: "a key of another game", version, value: "1" });
    expect(states.get("sign")).toEqual({ count: 3 });
    expect(seen.slice(1)).toEqual([["sign", { count: 3 }]]);
  });

  test("that got lost are read when the link is up, and every thirty seconds", async () => {
    world.put("sign", { count: 3 });
    states.readAll();
    await settled();
    expect(states.get("sign")).toEqual({ count: 3 });
    world.put("sign", { count: 4 });
    await clock.advance(29_000);
    expect(states.get("sign")).toEqual({ count: 3 });
    await clock.advance(1_000);
    expect(states.get("sign")).toEqual({ count: 4 });
  });

  test("are read again until there is an answer", async () => {
    world.put("sign", { count: 3 });
    world.isAway = true;
    states.readAll();
    await clock.advance(2_000);
    world.isAway = false;
    await clock.advance(500);
    expect(states.get("sign")).toEqual({ count: 3 });
  });

  test("that a key was deleted are believed, but not if the answer is older than the newest change", async () => {
    await change(["add", 3]);
    let open = (): void => {};
    world.opened = new Promise((resolve) => {
      open = resolve;
    });
    world.stored.clear();
    states.readAll();
    await settled();
    states.noticed({ key: "sign", version: 50, value: '{"count":50}' });
    open();
    await settled();
    expect(states.get("sign")).toEqual({ count: 50 });
    states.readAll();
    await settled();
    expect(states.get("sign")).toEqual({ count: 0 });
    expect(await change(["add", 1])).toEqual([accepted({ count: 1 })]);
  });

  test("of more keys than one message can read come in several", async () => {
    const keys = Array.from({ length: 20 }, (_, nth) => `key ${nth}`);
    world.reads.length = 0;
    await open(Object.fromEntries(keys.map((key) => [key, counter])));
    expect(world.reads.map(({ length }) => length)).toEqual([8, 8, 4]);
    expect(world.reads.flat()).toEqual(keys);
  });
});

describe("a server that stops", () => {
  test("stores what waits, and accepts no more changes", async () => {
    const answers = [1, 2, 3].map((by) => states.change("sign", "add", by));
    const stopped = states.stop();
    expect(await states.change("sign", "add", 100)).toEqual(refused("stopping"));
    await clock.advance(0);
    await stopped;
    expect(world.count()).toBe(6);
    expect((await Promise.all(answers)).map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  test("waits for five seconds at most, and logs what is not known to be stored", async () => {
    world.isAway = true;
    const answer = states.change("sign", "add", 1);
    let isStopped = false;
    void states.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(4_900);
    expect(isStopped).toBe(false);
    await clock.advance(100);
    expect([isStopped, await answer]).toEqual([true, refused("stopping")]);
    expect(lines).toMatchObject([{ about: { worldKey: "sign", change: "add" } }]);
    world.isAway = false;
    await clock.advance(60_000);
    expect([world.writes, clock.timerCount]).toEqual([[], 0]);
  });

  test("does not wait if nothing waits", async () => {
    await states.stop();
    expect(clock.timerCount).toBe(0);
  });
});

test("a game that is replaced keeps what waits, unless it has no such key or change any more", async () => {
  states = await open({ sign: counter, door: counter });
  world.isAway = true;
  const [kept, dropped, other] = [
    states.change("sign", "add", 1),
    states.change("sign", "times", 9),
    states.change("door", "add", 1),
  ];
  await clock.advance(100);
  const { add } = counter.changes;
  states.define({ sign: { ...counter, changes: { add: add as never } } });
  world.isAway = false;
  await clock.advance(20_000);
  expect(await kept).toEqual(accepted({ count: 1 }));
  expect(await dropped).toEqual(refused("unknown-change"));
  expect(await other).toEqual(accepted({ count: 1 }));
});
