import { rc4 } from "@sallyport/foreign-clients";
import { Random } from "@sallyport/random";
import { describe, expect, test } from "vitest";
import type { Field, Target } from "../src/attack/attack.ts";
import { framings } from "../src/attack/requests.ts";
import { spoil } from "../src/attack/spoiled.ts";

const marker = "x0123456789abcdef0123456789";
const field = { random: new Random("framings"), marker } as unknown as Field;
const at = (kind: Target["kind"]): Target => ({
  ...{ server: "any", at: "server", host: "127.0.0.1", port: 1, kind },
  tier: kind === "chat" || kind === "line" || kind === "slime" ? "front" : "login",
});
const kinds = Object.keys(framings) as (keyof typeof framings)[];

/** Slime clients encrypt all but the length. */
const textOf = (kind: Target["kind"], bytes = Buffer.alloc(0)): string =>
  (kind === "slime" ? rc4("retrtz7jmijb5467n47", bytes.subarray(2)) : bytes).toString("latin1");

test.each(kinds)("a client of %s says whole messages, which no log may show", (kind) => {
  const { message } = framings[kind];
  const [first, second] = [0, 1].map((nth) => Buffer.from(message(at(kind), field, nth)));
  expect(first?.length).toBeGreaterThan(2);
  // A name under which somebody registers is in logs, and its password is not.
  expect(`${textOf(kind, first)}${textOf(kind, second)}`).toContain(
    kind === "tcp" || kind === "websocket" || kind === "ragnarok" ? marker.slice(0, 16) : marker,
  );
});

describe("a slow client", () => {
  test.each([
    ["a-series", (said: string) => said.length < 130],
    ["chat", (said: string) => said.length < 64 + Number(said.slice(0, 64))],
    ["line", (said: string) => !/[\r\n]/.test(said)],
    ["token", (said: string) => said.length < 4 + Buffer.from(said, "latin1").readUInt32BE(0)],
    ["resource", (said: string) => said.length < 4 + Buffer.from(said, "latin1").readUInt32BE(0)],
    ["http", (said: string) => !said.includes("\r\n\r\n")],
    ["keys-http", (said: string) => !said.includes("\r\n\r\n")],
    ["slime", (said: string) => said.length < 2 + Buffer.from(said, "latin1").readUInt16LE(0)],
  ] as const)("of %s never completes its first message", (kind, isHalf) => {
    expect(isHalf(Buffer.from(framings[kind].slow(at(kind), field)).toString("latin1"))).toBe(true);
  });
});

test("a spoiled message is another one, and not much longer or shorter", () => {
  const whole = new Uint8Array(130).fill(7);
  const spoiled = Array.from({ length: 200 }, () => spoil(field.random, whole));
  for (const each of spoiled) expect(Math.abs(each.length - whole.length)).toBeLessThanOrEqual(8);
  expect(spoiled.filter((each) => Buffer.compare(each, whole) === 0).length).toBeLessThan(20);
});
