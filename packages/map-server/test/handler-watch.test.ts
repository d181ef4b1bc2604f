import { defineGame } from "@sallyport/game-core";
import { type Host, silentLog } from "@sallyport/server-kit";
import { ManualClock } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HandlerWatch } from "../src/game/handler-watch.ts";
import { HandMadeWorld, stepMs } from "./hand-made.ts";

interface Line {
  readonly level: string;
  readonly text: string;
  readonly [key: string]: unknown;
}

function logTo(lines: Line[]): Host["log"] {
  const write = (level: string) => (fields: object, text: string) =>
    void lines.push({ ...fields, level, text });
  const log = { ...silentLog(), info: () => {}, warn: write("warn"), error: write("error") };
  return log as unknown as Host["log"];
}

describe("a handler that takes longer than its budget", () => {
  let clock: ManualClock;
  let lines: Line[];
  const watchWith = (switchOffAfter: number) =>
    new HandlerWatch({ clock, log: logTo(lines) }, { budgetMs: 50, switchOffAfter });
  const call = async (watch: HandlerWatch, handler: string, ms: number): Promise<void> => {
    watch.began(handler, "meadow");
    await clock.advance(ms);
    watch.ended();
  };
  beforeEach(() => {
    clock = new ManualClock();
    lines = [];
  });

  test("is reported by its name, and one within its budget is not", async () => {
    const watch = watchWith(0);
    await call(watch, "stepped", 50);
    await call(watch, "tick.run", 70);
    expect(lines).toEqual([
      {
        ...{ level: "warn", text: "a handler of the game takes too long" },
        ...{ handler: "tick.run", overruns: 1, longestMs: 70, budgetMs: 50 },
      },
    ]);
  });

  test("is reported at most once a minute, with all that happened until then", async () => {
    const watch = watchWith(0);
    for (let nth = 0; nth < 5; nth += 1) await call(watch, "stepped", 60 + nth);
    expect(lines).toHaveLength(1);
    await clock.advance(60_000);
    await call(watch, "stepped", 51);
    expect(lines.slice(1)).toMatchObject([{ overruns: 6, longestMs: 64 }]);
  });

  test("is never switched off if it is a migration, a schema or a change of the world", async () => {
    const watch = watchWith(1);
    const parts = ["character.migrations[1]", "character.schema", "world.steps.changes.more", "stepped"];
    for (const part of parts) await call(watch, part, 60);
    expect(parts.map((part) => watch.isOff(part))).toEqual([false, false, false, true]);
  });

  test("is switched off after as many overruns as the setting says, until the game is loaded again", async () => {
    const watch = watchWith(2);
    await call(watch, "stepped", 60);
    expect(watch.isOff("stepped")).toBe(false);
    await call(watch, "stepped", 60);
    expect(lines.at(-1)).toMatchObject({ level: "error", handler: "stepped" });
    await expect(call(watch, "stepped", 0)).rejects.toThrow("stepped is switched off");
    await call(watch, "entered", 0);
    watch.forget();
    await call(watch, "stepped", 0);
  });
});

describe("on a map,", () => {
  let lines: Line[];
  let clock: ManualClock;
  let calls: number;
  let world: HandMadeWorld;
  const stepped = { run: (): void => undefined };
  const game = defineGame({
    name: "harbour",
    stepped() {
      calls += 1;
      stepped.run();
    },
  });
  beforeEach(() => {
    lines = [];
    calls = 0;
    clock = new ManualClock();
    let spentMs = 0;
    stepped.run = () => void (spentMs += 60);
    const hostClock = {
      nowMs: () => clock.nowMs() + spentMs,
      every: (...timer: Parameters<ManualClock["every"]>) => clock.every(...timer),
      after: (...timer: Parameters<ManualClock["after"]>) => clock.after(...timer),
    };
    const host = { clock: hostClock, log: logTo(lines) };
    const forLog = (error: unknown) =>
      Object.assign(error as Error, { message: `shortened: ${(error as Error).message}` });
    world = new HandMadeWorld({ host, played: { game, switchOffAfter: 2, forLog } });
  });
  afterEach(() => {
    expect(world.bugs).toEqual([]);
  });

  test("a handler that is switched off is not called any more, and players walk on", async () => {
    const client = await world.plays(world.character(), { x: 10, y: 3 });
    await client.walk(15, 3);
    await clock.advance(10 * stepMs);
    expect(calls).toBe(2);
    expect(client.take("actor.moved")).toHaveLength(5);
    expect(lines.filter(({ level }) => level === "error").map(({ text }) => text)).toEqual([
      "a handler of the game is switched off, see GAME_SWITCH_OFF_AFTER",
    ]);
  });

  test("a handler that throws writes one line with its own stack, and players walk on", async () => {
    stepped.run = () => {
      throw new Error("a hole in the ground");
    };
    const client = await world.plays(world.character(), { x: 10, y: 3 });
    await client.walk(11, 3);
    await clock.advance(10 * stepMs);
    expect(client.take("actor.moved")).toHaveLength(1);
    expect(lines).toMatchObject([
      { level: "error", text: "a handler of the game failed", map: "meadow", handler: "stepped" },
    ]);
    const err = lines[0]?.["err"] as Error;
    expect(err.stack).toContain("handler-watch.test.ts");
    expect(err.message).toBe("shortened: a hole in the ground");
  });
});
