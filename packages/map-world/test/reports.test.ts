import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Cell,
  decideReport,
  GridMap,
  MapWorld,
  neverReported,
  type Reported,
  reportSlackMs,
  reportsPerSecond,
  roundMs,
} from "../src/index.ts";
import { openMap } from "./drawn-map.ts";

const bounds = { width: 4_000, height: 4_000, greatestSpeed: 500 };
const start = neverReported({ x: 100, y: 100 }, 0);

describe("a report", () => {
  test("is accepted up to the greatest speed since the player came, and refused beyond it", () => {
    expect(decideReport(start, 200, { x: 200, y: 100 }, bounds)).toMatchObject({
      ok: true,
      next: { x: 200, y: 100, paidUntilMs: 200 },
    });
    expect(decideReport(start, 199, { x: 200, y: 100 }, bounds)).toMatchObject({ refusal: "too-fast" });
    expect(decideReport(start, 250, { x: 175, y: 200 }, bounds)).toMatchObject({ ok: true });
  });

  test("from outside the map is refused, whatever the time", () => {
    for (const to of [
      { x: 4_000, y: 5 },
      { x: 5, y: 4_000 },
      { x: -1, y: 5 },
      { x: 5.5, y: 5 },
    ])
      expect(decideReport(start, 1e9, to, bounds)).toMatchObject({ refusal: "outside" });
    expect(decideReport(start, 1e9, { x: 3_999, y: 3_999 }, { ...bounds, greatestSpeed: 6_000 }).ok).toBe(
      true,
    );
  });

  test("that was held back by the network for less than the slack is accepted", () => {
    let last: Reported = start;
    const at = (nowMs: number, x: number): void => {
      const decision = decideReport(last, nowMs, { x, y: 100 }, bounds);
      expect(decision).toMatchObject({ ok: true });
      last = decision.next;
    };
    at(1_000, 600);
    // The client went on at the greatest speed. All its reports arrive at once.
    for (let sentMs = 1_050; sentMs <= 1_950; sentMs += 50) at(1_950, 600 + (sentMs - 1_000) / 2);
  });

  test("of too many is refused with the time after which the next one is heard", () => {
    let last: Reported = start;
    for (let nth = 0; nth < reportsPerSecond; nth += 1) last = decideReport(last, 5, start, bounds).next;
    const refused = decideReport(last, 5, start, bounds);
    expect(refused).toMatchObject({ refusal: "too-many" });
    const laterMs = refused.ok ? 0 : (refused.retryAfterMs ?? 0);
    expect(laterMs).toBeGreaterThan(0);
    expect(decideReport(last, 5 + laterMs, start, bounds).ok).toBe(true);
  });

  test("in any sequence, the way is at most the greatest speed times the time, and the slack", () => {
    const step = fc.record({
      afterMs: fc.nat({ max: 3_000 }),
      dx: fc.integer({ min: -600, max: 600 }),
      dy: fc.integer({ min: -600, max: 600 }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        let last = neverReported({ x: 2_000, y: 2_000 }, 0);
        const ways: { readonly atMs: number; readonly way: number }[] = [];
        let nowMs = 0;
        for (const { afterMs, dx, dy } of steps) {
          nowMs += afterMs;
          const { ok, next } = decideReport(last, nowMs, { x: last.x + dx, y: last.y + dy }, bounds);
          if (ok) ways.push({ atMs: nowMs, way: Math.hypot(next.x - last.x, next.y - last.y) });
          else expect([next.x, next.y]).toEqual([last.x, last.y]);
          last = next;
        }
        accepted += ways.length;
        for (const [from, { atMs }] of ways.entries()) {
          let way = 0;
          for (const later of ways.slice(from)) {
            way += later.way;
            const ms = later.atMs - atMs + reportSlackMs;
            expect(way).toBeLessThanOrEqual((bounds.greatestSpeed * ms) / 1_000 + 1e-6);
          }
        }
      }),
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe("on a map on which clients report", () => {
  const { name, title, width, height, cells, spawn, warps } = openMap(40, 20, ["30,5 -> there:3,3"]);
  const movement = { kind: "reported", unitsPerCell: 100, greatestSpeed: 1_000 } as const;
  const yard = new GridMap({ name, title, width, height, cells, spawn, warps, movement });
  const world = () => new MapWorld({ map: yard, stepMs: 200, viewCells: 5, pathStepsMax: 40 });
  const accepted = { refused: null, events: [] };

  test("positions are in units, and the spawn is the middle of its cell", () => {
    const w = world();
    w.enter({ id: 1, x: 1_234, y: 567 });
    w.enter({ id: 2, x: 4_000, y: 5 });
    expect([w.position(1), w.position(2)]).toEqual([
      { x: 1_234, y: 567 },
      { x: spawn.x * 100 + 50, y: spawn.y * 100 + 50 },
    ]);
  });

  test("a report changes the position at once, and others are shown the newest one in each round", () => {
    const w = world();
    w.enter({ id: 1, x: 1_000, y: 500 });
    w.enter({ id: 2, x: 1_100, y: 500 });
    expect(w.report(1, { x: 1_010, y: 500 }, 1_000)).toEqual(accepted);
    expect([w.position(1), w.nextStepMs()]).toEqual([{ x: 1_010, y: 500 }, 1_000]);
    const shown = (x: number, y: number, from: Cell) => {
      const path = [{ x, y }];
      return [
        { type: "walks", actor: { id: 1, ...from }, path, watchers: [2] },
        { type: "moved", actor: 1, x, y, path, walked: 1, watchers: [2], isWithinCell: true },
      ];
    };
    expect(w.advance(1_000)).toEqual(shown(1_010, 500, { x: 1_000, y: 500 }));
    expect(w.report(1, { x: 1_020, y: 500 }, 1_010)).toEqual(accepted);
    expect(w.report(1, { x: 1_020, y: 510 }, 1_020)).toEqual(accepted);
    expect([w.nextStepMs(), w.advance(999 + roundMs)]).toEqual([1_000 + roundMs, []]);
    expect(w.advance(1_000 + roundMs)).toEqual(shown(1_020, 510, { x: 1_010, y: 500 }));
    expect([w.nextStepMs(), w.advance(9_000)]).toEqual([null, []]);
  });

  test("players see each other by cells", () => {
    const w = world();
    w.enter({ id: 1, x: 1_000, y: 500 });
    w.enter({ id: 2, x: 1_600, y: 599 });
    expect(w.see(1, 2)).toBe(false);
    w.report(1, { x: 1_099, y: 599 }, 1_000);
    expect(w.advance(1_000).map(({ type }) => type)).toEqual(["moved"]);
    w.report(2, { x: 1_599, y: 500 }, 2_000);
    expect(w.advance(2_000).find(({ type }) => type === "met")).toEqual({
      ...{ type: "met", actor: { id: 2, x: 1_599, y: 500 } },
      others: [{ id: 1, x: 1_099, y: 599 }],
    });
    expect(w.see(1, 2)).toBe(true);
  });

  test("a refused report changes nothing", () => {
    const w = world();
    w.advance(0);
    w.enter({ id: 1, x: 1_000, y: 500 });
    expect(w.report(1, { x: 1_500, y: 500 }, 100)).toEqual({ refused: "too-fast", events: [] });
    expect(w.report(1, { x: 1_000, y: 2_000 }, 100_000)).toEqual({ refused: "outside", events: [] });
    expect([w.position(1), w.nextStepMs()]).toEqual([{ x: 1_000, y: 500 }, null]);
  });

  test("a player that is on its way by the server goes straight, a cell in each step's time", () => {
    const w = world();
    w.enter({ id: 1, x: 1_000, y: 500 });
    expect(w.walk(1, { x: 1_250, y: 400 }, 0).steps).toBe(3);
    w.advance(400);
    expect(w.position(1)).toEqual({ x: 1_167, y: 433 });
    w.advance(600);
    expect([w.position(1), w.nextStepMs()]).toEqual([{ x: 1_250, y: 400 }, null]);
    expect(w.walk(1, { x: 4_000, y: 400 }, 600).steps).toBeNull();
  });

  test("a report ends a walk, and counts from where it has led", () => {
    const w = world();
    w.enter({ id: 1, x: 1_000, y: 500 });
    w.walk(1, { x: 2_000, y: 500 }, 0);
    expect(w.report(1, { x: 1_300, y: 500 }, 250).refused).toBeNull();
    w.advance(10_000);
    expect(w.position(1)).toEqual({ x: 1_300, y: 500 });
  });

  test("a report from a warp takes the player there, once", () => {
    const w = world();
    w.enter({ id: 1, x: 2_950, y: 550 });
    w.report(1, { x: 3_010, y: 550 }, 1_000);
    expect(w.advance(1_000).at(-1)).toEqual({ type: "warped", actor: 1, warp: warps[0] });
    w.report(1, { x: 3_020, y: 550 }, 2_000);
    expect(w.advance(2_000).map(({ type }) => type)).toEqual(["moved"]);
  });

  test("a player that has left is shown to nobody", () => {
    const w = world();
    w.enter({ id: 1, x: 1_000, y: 500 });
    w.report(1, { x: 1_010, y: 500 }, 1_000);
    w.leave(1);
    expect([w.nextStepMs(), w.advance(9_000)]).toEqual([null, []]);
  });
});

test("a map on which players walk takes no reports", () => {
  const world = new MapWorld({ map: openMap(10, 10), stepMs: 100, viewCells: 4, pathStepsMax: 40 });
  world.enter({ id: 1, x: 1, y: 1 });
  expect(world.report(1, { x: 2, y: 1 }, 1_000)).toEqual({ refused: "not-reported", events: [] });
});
