import { describe, expect, test } from "vitest";
import { memoryChannelPair } from "../src/index.ts";
import { answeringEnd, askingEnd } from "./link-end.ts";

const openGate = (gate: number) => ({ type: "gate.open", gate }) as const;

describe("a link", () => {
  test("does not act on a request whose time went by while the process was frozen", async () => {
    const [a, b] = memoryChannelPair(["asker", "keeper"]);
    const acted: number[] = [];
    const dropped: string[] = [];
    const asker = askingEnd(a);
    const keeper = answeringEnd(
      b,
      {
        "gate.open": async ({ gate }) => {
          acted.push(gate);
          return { ok: true, value: { opened: gate } };
        },
      },
      { dropped: (request) => void dropped.push(request) },
    );
    await keeper.clock.advance(1_000);
    // The keeper behaves like a frozen process: its timers run late, and then the bytes arrive.
    keeper.clock.standStill(3_000);
    const late = asker.link.ask(openGate(1), 2_000);
    const inTime = asker.link.ask(openGate(2), 5_000);
    expect(await inTime).toMatchObject({ ok: true });
    await asker.clock.advance(2_000);
    expect(await late).toEqual({ ok: false, refusal: "unanswered" });
    expect(acted).toEqual([2]);
    expect(dropped).toEqual(["gate.open"]);

    await keeper.clock.advance(1_000);
    expect(await asker.link.ask(openGate(3), 2_000)).toMatchObject({ ok: true });
    expect([asker.link.isOpen, keeper.link.isOpen]).toEqual([true, true]);
  });

  test("does not act on a request whose time went by while earlier ones were handled", async () => {
    const [a, b] = memoryChannelPair(["asker", "keeper"]);
    const acted: number[] = [];
    const asker = askingEnd(a);
    const keeper = answeringEnd(b, {
      "gate.open": async ({ gate }) => {
        acted.push(gate);
        keeper.clock.standStill(400);
        return { ok: true, value: { opened: gate } };
      },
    });
    const asked = [1, 2, 3].map((gate) => asker.link.ask(openGate(gate), 500));
    await Promise.all(asked.slice(0, 2));
    await asker.clock.advance(500);
    expect(await asked[2]).toEqual({ ok: false, refusal: "unanswered" });
    expect(acted).toEqual([1, 2]);
  });
});
