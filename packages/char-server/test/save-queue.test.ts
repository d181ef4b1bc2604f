import type { CharacterSave, SaveRefusal } from "@sallyport/database";
import { CharId, Fence } from "@sallyport/domain";
import { beforeEach, expect, test } from "vitest";
import { SaveQueue } from "../src/save-queue.ts";

interface Write {
  readonly saves: readonly CharacterSave[];
  readonly stored: (refused?: ReadonlyMap<CharId, SaveRefusal>) => void;
  readonly failed: (error: unknown) => void;
}

/** Lists the writes in the order in which they began. */
let writes: Write[];
let queue: SaveQueue;
beforeEach(() => {
  writes = [];
  queue = new SaveQueue({
    saveMany: (saves) =>
      new Promise((resolve, reject) => {
        writes.push({ saves, stored: (refused = new Map()) => resolve(refused), failed: reject });
      }),
  });
});

const [one, two, three] = [CharId(1), CharId(2), CharId(3)];

/** Returns a save whose save number and position are both `x`. */
const save = (charId: CharId, x: number): CharacterSave => ({
  charId,
  world: "Alpha",
  owner: "map-1",
  fence: Fence(7),
  saveNumber: x,
  state: { position: { map: "harbour", x, y: 0 }, attributes: {} },
});
const written = (write: Write | undefined) =>
  write?.saves.map(({ charId, state }) => [charId, state.position.x]);

/** Waits until each earlier request has ended, or waits for the test. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("a save is written at once if no other write is under way, and answered when it is stored", async () => {
  let answer: SaveRefusal | null | undefined;
  void queue.save(save(one, 1)).then((refusal) => {
    answer = refusal;
  });
  expect(writes.map(written)).toEqual([[[one, 1]]]);
  await settled();
  expect(answer).toBeUndefined();
  writes[0]?.stored();
  await settled();
  expect(answer).toBeNull();
});

test("saves that arrive during a write go together into the next write", async () => {
  const answers = [save(one, 1), save(two, 2), save(three, 3)].map((each) => queue.save(each));
  expect(writes.map(written)).toEqual([[[one, 1]]]);
  writes[0]?.stored();
  await settled();
  expect(writes.map(written).slice(1)).toEqual([
    [
      [two, 2],
      [three, 3],
    ],
  ]);
  writes[1]?.stored();
  expect(await Promise.all(answers)).toEqual([null, null, null]);
});

test("of several waiting saves of one character, the newest is written for all", async () => {
  const come = [save(one, 1), save(two, 1), save(two, 3), save(one, 2), save(two, 2)];
  const answers = come.map((each) => queue.save(each));
  writes[0]?.stored();
  await settled();
  writes[1]?.stored(new Map([[two, "lock-lost"]]));
  expect(await Promise.all(answers)).toEqual([null, "lock-lost", "lock-lost", null, "lock-lost"]);
  expect(writes.map(written)).toEqual([
    [[one, 1]],
    [
      [two, 3],
      [one, 2],
    ],
  ]);
});

test.each([
  ["an older fence", { fence: Fence(6) }],
  ["another name", { owner: "map-2" }],
  ["another world", { world: "Beta" }],
])("a save under %s is written and answered separately", async (_, changed) => {
  const older = { ...save(one, 2), ...changed };
  const answers = [save(one, 1), older, save(one, 3), older].map((each) => queue.save(each));
  for (const refused of [[], [[one, "lock-lost"]], [], [[one, "lock-lost"]]] as const) {
    writes.at(-1)?.stored(new Map<CharId, SaveRefusal>(refused));
    await settled();
  }
  expect(writes.map(written)).toEqual([[[one, 1]], [[one, 2]], [[one, 3]], [[one, 2]]]);
  expect(await Promise.all(answers)).toEqual([null, "lock-lost", null, "lock-lost"]);
});

test("a refused save is refused only to the server that sent it", async () => {
  void queue.save(save(three, 1));
  const answers = [queue.save(save(one, 1)), queue.save(save(two, 1))];
  writes[0]?.stored();
  await settled();
  writes[1]?.stored(new Map([[two, "lock-lost"]]));
  expect(await Promise.all(answers)).toEqual([null, "lock-lost"]);
});

test("a write that fails fails for all saves in it, and for no later save", async () => {
  const answers = [queue.save(save(one, 1)), queue.save(save(two, 1)), queue.save(save(three, 1))];
  const outcomes = Promise.allSettled(answers);
  writes[0]?.stored();
  await settled();
  writes[1]?.failed(new Error("no database"));
  await settled();
  const after = queue.save(save(one, 2));
  writes[2]?.stored();
  expect(await after).toBeNull();
  expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
});
