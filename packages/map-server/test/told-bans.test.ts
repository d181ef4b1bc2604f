import type { NetworkBan } from "@sallyport/domain";
import { expect, test } from "vitest";
import { ToldBans } from "../src/told-bans.ts";

const ban = (id: number, isLifted = false): NetworkBan => ({
  ...{ id, network: `192.0.2.${id}/32`, device: null, untilMs: null, text: null, isLifted },
});
const idsOf = (told: ToldBans) => told.list.all.map(({ id }) => id);

test("bans are added and lifted one by one", () => {
  const told = new ToldBans(() => 0);
  told.learn({ bans: [ban(1), ban(2)], isFirst: false, isLast: true });
  told.learn({ bans: [ban(1, true)], isFirst: false, isLast: true });
  expect(idsOf(told)).toEqual([2]);
});

test("while all bans come anew, page by page, the old ones still hold", () => {
  const told = new ToldBans(() => 0);
  told.learn({ bans: [ban(1)], isFirst: false, isLast: true });
  told.learn({ bans: [ban(2)], isFirst: true, isLast: false });
  expect(idsOf(told)).toEqual([1]);
  told.learn({ bans: [ban(3)], isFirst: false, isLast: true });
  expect(idsOf(told)).toEqual([2, 3]);
  told.learn({ bans: [ban(4)], isFirst: false, isLast: true });
  expect(idsOf(told)).toEqual([2, 3, 4]);
});

test("if there are no bans any more, all are forgotten", () => {
  const told = new ToldBans(() => 0);
  told.learn({ bans: [ban(1)], isFirst: false, isLast: true });
  told.learn({ bans: [], isFirst: true, isLast: true });
  expect(idsOf(told)).toEqual([]);
});
