import { AccountId, type Order, orderBounds, roles } from "@sallyport/domain";
import { readRoleOrders, roleOrdersSetting, usualRoleOrders } from "@sallyport/server-kit";
import { describe, expect, test } from "vitest";
import { problemOf } from "../src/gamemaster/order-problem.ts";

const place = { map: "meadow", x: 1, y: 2 };
const every: readonly Order[] = [
  { order: "kick", player: "Bob", text: "" },
  { order: "mute", player: AccountId(7), minutes: 10 },
  { order: "go-to", player: "Bob" },
  { order: "go", place },
  { order: "summon", player: "Bob" },
  { order: "announce-map", text: "hi" },
  { order: "announce-world", text: "hi" },
  { order: "announce-all", text: "hi" },
];
const allowed = (role: (typeof roles)[number], by = usualRoleOrders) =>
  every.filter((order) => problemOf(order, role, by) === null).map(({ order }) => order);

describe("the orders of a role", () => {
  test("are none for players, all but one for gamemasters, and all for administrators", () => {
    expect(allowed("player")).toEqual([]);
    expect(allowed("gamemaster")).toEqual(
      every.map(({ order }) => order).filter((each) => each !== "announce-all"),
    );
    expect(allowed("administrator")).toHaveLength(every.length);
  });

  test("are those of the setting: a role without an entry may order nothing", () => {
    const given = readRoleOrders("gamemaster=kick player=announce-map,go-to") ?? new Map();
    expect(allowed("gamemaster", given)).toEqual(["kick"]);
    expect(allowed("player", given)).toEqual(["go-to", "go", "announce-map"]);
    expect(allowed("administrator", given)).toEqual([]);
    expect(readRoleOrders("")?.size).toBe(0);
  });

  test.each([
    "gamemaster",
    "gamemaster=fly",
    "king=kick",
    "gamemaster=kick gamemaster=mute",
    "gamemaster=a=b",
  ])("are not read from %j", (text) => {
    expect(roleOrdersSetting.parse(text)).toMatchObject({ ok: false });
  });
});

describe("an order", () => {
  const long = "x".repeat(orderBounds.textMax + 1);
  test.each<[string, Order]>([
    ["player", { order: "kick", player: "", text: "" }],
    ["player", { order: "kick", player: "Bo\u0000b", text: "" }],
    ["player", { order: "mute", player: "Bo\u0000b", minutes: 10 }],
    ["player", { order: "summon", player: "Bo\u0000b" }],
    ["text", { order: "kick", player: "Bob", text: long }],
    ["text", { order: "kick", player: "Bob", text: "a\u0000b" }],
    ["minutes", { order: "mute", player: "Bob", minutes: orderBounds.minutesMax + 1 }],
    ["map", { order: "go", place: { ...place, map: "../meadow" } }],
    ["text", { order: "announce-map", text: "" }],
    ["text", { order: "announce-world", text: long }],
  ])("names %s if that field does not fit", (field, order) => {
    expect(problemOf(order, "administrator", usualRoleOrders)).toEqual({ refusal: "invalid", field });
    expect(problemOf(order, "player", usualRoleOrders)).toEqual({ refusal: "not-allowed" });
  });
});
