import { refused, refusedBecause } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { describeExplained, explainedBy } from "../src/index.ts";

const nothing = { untilMs: null, text: null };

describe("what a refusal says beside its code", () => {
  test("is for a ban when it ends, and why it was made", () => {
    for (const refusal of ["banned", "address-banned", "device-banned"] as const) {
      const told = refusedBecause(refusal, { retryAfterMs: 60_000, detail: "spam" });
      expect(explainedBy(told, 1_000)).toEqual({ untilMs: 61_000, text: "spam" });
      expect(explainedBy(refused(refusal), 1_000)).toEqual(nothing);
    }
  });

  test("is nothing for any other: the time is no end of a ban, and the detail is for programs", () => {
    expect(explainedBy(refusedBecause("invalid", { retryAfterMs: 9, detail: "player" }), 0)).toEqual(nothing);
  });
});

describe("a player reads", () => {
  const spam = { untilMs: Date.UTC(2026, 11, 31, 18), text: "for spam" };

  test.each([
    [
      "banned",
      spam,
      "You are banned from this server. The ban ends at 2026-12-31 18:00 UTC. The operator says: for spam",
    ],
    ["address-banned", nothing, "This address is banned. The ban has no end."],
    ["device-banned", { ...nothing, untilMs: 9e15 }, "This device is banned. The ban has no end."],
    [
      "banned",
      { ...nothing, untilMs: Date.UTC(12_026, 0) },
      "You are banned from this server. The ban ends at +012026-01-01 00:00 UTC.",
    ],
    ["kicked", { ...nothing, text: "afk" }, "An operator put you out. The operator says: afk"],
    ["kicked", { ...nothing, text: "" }, "An operator put you out."],
    ["busy", nothing, "The server has too much to do at the moment."],
  ] as const)("of %s with %j: %s", (code, told, sentence) => {
    expect(describeExplained(code, told)).toBe(sentence);
  });
});
