import type { Json } from "@sallyport/domain";
import { beforeEach, expect, test } from "vitest";
import type { WorldStateStore } from "../src/index.ts";

const conflict = { ok: false, refusal: "conflict" };
const done = (version: number, isNew = true) => ({ ok: true, value: { version, isNew } });

export function worldStateContract(open: () => WorldStateStore): void {
  let states: WorldStateStore;
  let world: string;
  let worlds = 0;
  let writes = 0;
  beforeEach(() => {
    states = open();
    worlds += 1;
    world = `world ${worlds}`;
  });

  const write = (version: number, value: Json, of = { writer: "map-1", number: ++writes }) =>
    states.change(world, "sign", { version, value, writeId: of });
  const stored = async (key = "sign", of = world) => (await states.read(of, [key])).get(key);
  async function made(version: number, value: Json, writer = "map-1"): Promise<number> {
    writes += 1;
    const changed = await write(version, value, { writer, number: writes });
    if (!changed.ok) throw new Error(changed.refusal);
    expect(changed.value.isNew).toBe(true);
    return changed.value.version;
  }

  test("a key without a value is left out", async () => {
    expect(await states.read(world, ["sign", "door"])).toEqual(new Map());
    expect(await states.read(world, [])).toEqual(new Map());
  });

  test("a change of the version that is stored is carried out, and its version is higher", async () => {
    const first = await made(0, { count: 1 });
    expect(await stored()).toEqual({ version: first, value: { count: 1 } });
    const second = await made(first, { count: 2 });
    expect(second).toBeGreaterThan(first);
    expect(await stored()).toEqual({ version: second, value: { count: 2 } });
  });

  test("a change of any other version is refused, and changes nothing", async () => {
    expect(await write(7, "nothing is there")).toEqual(conflict);
    const first = await made(0, 1);
    expect(await write(0, 2)).toEqual(conflict);
    const second = await made(first, 3);
    expect(await write(first, 4)).toEqual(conflict);
    expect(await write(second + 1, 5)).toEqual(conflict);
    expect(await stored()).toEqual({ version: second, value: 3 });
  });

  test("of many changes of one version at once, exactly one is carried out", async () => {
    let version = 0;
    for (let round = 1; round <= 3; round += 1) {
      const from = version;
      const changes = Array.from({ length: 8 }, (_, nth) =>
        write(from, nth, { writer: `map-${nth}`, number: round }),
      );
      const answers = await Promise.all(changes);
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      const now = await stored();
      expect(now?.value).toBe(answers.findIndex(({ ok }) => ok));
      version = now?.version ?? 0;
    }
  });

  const begin = () => ({ version: 0, value: "begun", writeId: { writer: "begin", number: ++writes } });

  test("a write that is repeated is carried out once, whatever others have written since", async () => {
    const writeId = { writer: "map-1", number: 1 };
    const version = await made(0, 1, "map-2");
    const second = { version, value: 2, writeId };
    const changed = await states.change(world, "sign", second);
    expect(changed).toMatchObject({ ok: true, value: { isNew: true } });
    if (!changed.ok) return;
    let newest = changed.value.version;
    expect(await states.change(world, "sign", second)).toEqual(done(newest, false));
    for (let other = 0; other < 63; other += 1) newest = await made(newest, other, `other-${other}`);
    for (let times = 0; times < 20; times += 1) newest = await made(newest, times, "other-7");
    expect(await states.change(world, "sign", second)).toEqual(done(changed.value.version, false));
    expect(await stored()).toEqual({ version: newest, value: 19 });
  });

  test("a first write that is repeated at once is carried out once", async () => {
    const writeId = { writer: "map-1", number: 1 };
    const change = { version: 0, value: 1, writeId };
    const answers = await Promise.all(Array.from({ length: 4 }, () => states.change(world, "sign", change)));
    const { version } = (await stored()) ?? { version: -1 };
    expect(answers.map((each) => each.ok && each.value.version)).toEqual([
      version,
      version,
      version,
      version,
    ]);
    expect(answers.filter((each) => each.ok && each.value.isNew)).toHaveLength(1);
  });

  test("only the last write of a process is remembered, and only of the 64 that wrote last", async () => {
    const mine = { writer: "map-1", number: 1 };
    const changed = await write(0, 1, mine);
    if (!changed.ok) throw new Error(changed.refusal);
    let newest = changed.value.version;
    for (let other = 0; other < 64; other += 1) newest = await made(newest, other, `other-${other}`);
    expect(await write(0, 1, mine)).toEqual(conflict);
    expect((await write(newest, 1, mine)).ok).toBe(true);
    const next = await made((await stored())?.version ?? 0, 2);
    await made(next, 3);
    expect(await write(newest, 1, mine)).toEqual(conflict);
  });

  test("two worlds share no keys, and two keys share no value", async () => {
    const version = await made(0, "here");
    const other = `${world}, another`;
    expect(await stored("sign", other)).toBeUndefined();
    const there = await states.change(other, "sign", begin());
    expect(there.ok).toBe(true);
    await states.change(world, "door", begin());
    expect(await stored()).toEqual({ version, value: "here" });
    expect(await states.read(world, ["door", "sign", "gate"])).toMatchObject(
      new Map([
        ["door", { value: "begun" }],
        ["sign", { value: "here" }],
      ]),
    );
  });

  test.each<readonly [what: string, value: Json]>([
    ["null", null],
    ["text", "a sign: „häfen“ 🚢"],
    ["a list", [1, [2.5, -3e30], { deep: [true, null] }]],
    ["a value of 64 KiB", "x".repeat(64 * 1024 - 2)],
  ])("%s is stored as it is", async (_what, value) => {
    await made(0, value);
    expect((await stored())?.value).toEqual(value);
  });

  test.each<readonly [what: string, value: unknown]>([
    ["undefined", undefined],
    ["a number that is none", Number.NaN],
    ["NUL in a text", { text: "\0" }],
    ["more than 64 KiB", "x".repeat(64 * 1024 - 1)],
  ])("%s is a mistake of the caller, and changes nothing", async (_what, value) => {
    await expect(write(0, value as Json)).rejects.toThrow(RangeError);
    expect(await stored()).toBeUndefined();
  });
}
