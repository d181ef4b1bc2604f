import { Fence, type Score } from "@sallyport/domain";
import { beforeEach, expect, test } from "vitest";
import type { OutboxScore } from "../src/index.ts";
import { bySaver, createCharacter, lost, type Stores, stateWith, take } from "./sample-rows.ts";

const leaseMs = 60_000;
let keysGiven = 0;
export const freshKey = (): string => `score ${process.pid} ${++keysGiven}`;

const score = (points = 12.5): Score => ({ board: "Shells", score: points, comment: "" });

export function scoreContract(stores: () => Stores): void {
  /** Takes all scores that are due, as a resource server does, and keeps those of one character. */
  const takeAll = async (charId: number): Promise<readonly OutboxScore[]> =>
    (await stores().scoreOutbox.take({ max: 1_000, leaseMs })).filter((each) => each.charId === charId);

  beforeEach(async () => {
    const left = await stores().scoreOutbox.take({ max: 10_000, leaseMs });
    await stores().scoreOutbox.remove(left.map(({ key }) => key));
  });

  /** A character that map-1 has loaded. */
  async function played() {
    const { reference } = await createCharacter(stores());
    const taken = await take(stores(), reference);
    if (!taken.ok) throw new Error(taken.refusal);
    const { charId, fence } = taken.value;
    const of = { ...bySaver, charId, fence };
    const submit = (key: string, more: Partial<typeof of> = {}, submitted = score()) =>
      stores().characters.submitScore({ ...of, ...more, key, score: submitted });
    return { reference, of, charId, submit };
  }

  test("a score of the owner is stored, and is taken with its account", async () => {
    const { charId, submit, reference } = await played();
    const key = freshKey();
    const submitted = { board: "Shells: „häfen“ 🐚", score: -0.1, comment: "the last one" };
    expect(await submit(key, {}, submitted)).toEqual({ ok: true, value: {} });
    const accountName = await stores().characters.nameOfAccount(reference.accountId);
    expect(await takeAll(charId)).toEqual([
      {
        ...{ key, charId, accountId: reference.accountId, accountName, score: submitted },
        atMs: expect.any(Number),
      },
    ]);
  });

  test("a score that is submitted again counts once, and the first one stays", async () => {
    const { charId, submit } = await played();
    const key = freshKey();
    const answers = await Promise.all([1, 2, 3].map((points) => submit(key, {}, score(points))));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(await submit(key, {}, score(4))).toEqual({ ok: true, value: {} });
    expect(await takeAll(charId)).toHaveLength(1);
  });

  test.each([
    ["under an older fence", { fence: Fence(0) }],
    ["under a fence that is not given yet", { fence: Fence(2) }],
    ["of another server", { owner: "map-2" }],
    ["of a server without a name", { owner: "" }],
    ["for a character of another world", { world: "Other" }],
  ])("a score %s is refused, and nothing is stored", async (_what, more) => {
    const { charId, submit } = await played();
    expect(await submit(freshKey(), more)).toEqual(lost);
    expect(await takeAll(charId)).toEqual([]);
  });

  test("a score is refused once the character was loaded again, passed on or taken by an operator", async () => {
    const ends: readonly ((of: Awaited<ReturnType<typeof played>>) => Promise<unknown>)[] = [
      ({ reference }) => take(stores(), reference, "map-2"),
      ({ of }) => stores().characters.pass({ ...of, saveNumber: 1, state: stateWith({}) }, "map-2"),
      ({ of, reference }) =>
        stores().characters.move({
          ...{ ...reference, charFence: of.fence },
          position: { map: "harbour", x: 1, y: 1 },
        }),
    ];
    for (const end of ends) {
      const it = await played();
      const before = freshKey();
      expect(await it.submit(before)).toMatchObject({ ok: true });
      expect(await end(it)).toMatchObject({ ok: true });
      expect(await it.submit(freshKey())).toEqual(lost);
      expect(await it.submit(before), "the answer got lost, and the owner asks again").toEqual(lost);
      expect((await takeAll(it.charId)).map(({ key }) => key)).toEqual([before]);
    }
  });

  test("a score that one taker has is not given to another one before its time", async () => {
    const { charId, submit } = await played();
    await submit(freshKey());
    const both = await Promise.all([takeAll(charId), takeAll(charId)]);
    expect(both.flat()).toHaveLength(1);
    expect(await takeAll(charId)).toEqual([]);
  });

  test("a score whose taker died is given to another one, until it is removed", async () => {
    const { charId, submit } = await played();
    const key = freshKey();
    await submit(key);
    const { scoreOutbox } = stores();
    const died = await scoreOutbox.take({ max: 10, leaseMs: 0 });
    expect(died.map((each) => each.key)).toEqual([key]);
    expect((await takeAll(charId)).map((each) => each.key)).toEqual([key]);
    await scoreOutbox.postpone([key], 0);
    await scoreOutbox.remove([key]);
    await scoreOutbox.remove([key]);
    expect(await takeAll(charId)).toEqual([]);
  });

  test("a score that is set aside comes later, and does not stand before the others", async () => {
    const { charId, submit } = await played();
    const [first, second] = [freshKey(), freshKey()];
    const { scoreOutbox } = stores();
    await submit(first);
    expect((await takeAll(charId)).map(({ key }) => key)).toEqual([first]);
    await scoreOutbox.postpone([first], leaseMs);
    await submit(second);
    expect((await takeAll(charId)).map(({ key }) => key)).toEqual([second]);
    await scoreOutbox.postpone([first], 0);
    expect((await takeAll(charId)).map(({ key }) => key)).toEqual([first]);
  });

  test("no more scores are taken at once than were asked for", async () => {
    const { submit } = await played();
    for (let nth = 0; nth < 5; nth += 1) await submit(freshKey());
    const { scoreOutbox } = stores();
    expect(await scoreOutbox.take({ max: 2, leaseMs })).toHaveLength(2);
    expect(await scoreOutbox.take({ max: 10, leaseMs })).toHaveLength(3);
    await scoreOutbox.remove([]);
    await scoreOutbox.postpone([], leaseMs);
  });

  test.each([
    ["a board without a name", { board: "" }],
    ["a score that is no number", { score: Number.NaN }],
    ["a score without end", { score: Number.POSITIVE_INFINITY }],
    ["a comment of several lines", { comment: "one\ntwo" }],
    ["a comment that is too long", { comment: "x".repeat(256) }],
  ])("%s is a mistake of the caller, and nothing is stored", async (_what, more) => {
    const { charId, submit } = await played();
    await expect(submit(freshKey(), {}, { ...score(), ...more })).rejects.toThrow(RangeError);
    expect(await takeAll(charId)).toEqual([]);
  });
}
