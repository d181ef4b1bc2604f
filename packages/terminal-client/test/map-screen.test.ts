import { CharId } from "@sallyport/domain";
import { describe, expect, it } from "vitest";
import { event, inMap, loggedIn, Played, place, selecting, self } from "./played.ts";

describe("the map", () => {
  it.each([
    ["up", 4, 2],
    ["s", 4, 4],
    ["h", 3, 3],
    ["right", 5, 3],
    ["n", 5, 4],
  ])("is walked one cell by %s", (key, x, y) => {
    expect(inMap().press(key).commands.at(-1)).toEqual({ type: "walk", x, y });
  });

  it("is walked one cell for each key, however quickly keys are pressed", () => {
    const played = inMap();
    const before = played.commands.length;
    played.press("right", "right", "up");
    expect(played.commands.slice(before).at(-1)).toEqual({ type: "walk", x: 6, y: 2 });
    played.happen(event({ type: "actor.moved", charId: self, x: 5, y: 3 })).press("right");
    expect(played.commands.at(-1)).toEqual({ type: "walk", x: 7, y: 2 });
  });

  it("limits how far a held key runs ahead, and continues with each reported step", () => {
    const width = 40;
    const cells = new Uint8Array(width * 7);
    const played = inMap().happen({ type: "entered", place: { ...place, width, cells } });
    const before = played.commands.length;
    for (let repeat = 0; repeat < 30; repeat += 1) played.press("right");
    expect(played.commands.slice(before).map((each) => "x" in each && each.x)).toEqual([5, 6, 7, 8, 9]);
    played.happen(event({ type: "actor.moved", charId: self, x: 5, y: 3 })).press("right", "right");
    expect(played.commands.at(-1)).toEqual({ type: "walk", x: 10, y: 3 });
  });

  it("asks again, from the player's cell, for steps that were never reported", () => {
    const played = inMap().press("right", "right");
    played.nowMs = 5_000;
    expect(played.press("up").commands.at(-1)).toEqual({ type: "walk", x: 4, y: 2 });
  });

  it("does not walk into walls", () => {
    const played = inMap().happen(event({ type: "actor.moved", charId: self, x: 7, y: 3 }));
    const before = played.commands.length;
    expect(played.press("right").commands).toHaveLength(before);
  });

  it("shows the player where the server says, without prediction", () => {
    const played = inMap().press("right");
    expect(played.state.screen).toMatchObject({ position: { x: 4, y: 3 } });
  });

  it("sends typed chat, and shows chat lines", () => {
    const played = inMap().press("t").type("hello q").press("enter");
    expect(played.commands.at(-1)).toEqual({ type: "say", text: "hello q" });
    played.happen(event({ type: "actor.said", charId: CharId(9), name: "Bob", text: "hi\x1b[2J" }));
    expect(played.lines().join("\n")).toContain("Bob: hi·[2J");
    expect(inMap().press("t").type("no").press("escape").commands.at(-1)?.type).not.toBe("say");
  });

  it("goes back to character select, and quits", () => {
    expect(inMap().press("c").commands.at(-1)).toEqual({ type: "back" });
    expect(inMap().press("q").commands.at(-1)).toEqual({ type: "quit" });
  });

  it("changes at a warp, and the players who were near disappear", () => {
    const played = inMap().happen(
      event({
        type: "actor.appeared",
        shown: {},
        class: 0,
        kind: "player",
        charId: CharId(9),
        name: "Bob",
        sex: "male",
        x: 5,
        y: 3,
      }),
      event({ type: "map.changed", ...place, position: { map: "cellar", x: 2, y: 2 } }),
    );
    expect(played.state.screen).toMatchObject({ position: { map: "cellar", x: 2, y: 2 } });
    expect(played.lines().join("\n")).toContain("Nobody is near.");
  });

  it("ends with the reason when the server ends the visit", () => {
    const played = inMap().happen({ type: "ended", reason: "logged-in-elsewhere" });
    expect(played.footer).toContain("Somebody logged in with this account elsewhere.");
    expect(played.press("enter").state.screen).toMatchObject({ at: "form", name: "alice", focus: 1 });
  });
});

describe("the picture", () => {
  it("shows walls, warps, the player and the others around it", () => {
    const played = inMap().happen(
      event({
        type: "actor.appeared",
        shown: {},
        class: 0,
        kind: "player",
        charId: CharId(9),
        name: "bob",
        sex: "male",
        x: 6,
        y: 3,
      }),
    );
    const lines = played.lines();
    expect(lines).toHaveLength(24);
    const row = lines.find((each) => each.includes("@ · B")) ?? "";
    expect(row.trim().startsWith("██· · · @ · B · ██")).toBe(true);
    expect(lines.some((each) => each.includes("██()· "))).toBe(true);
    expect(lines.some((each) => each.includes("B bob") && each.trim().endsWith("2"))).toBe(true);
  });

  it("shows all players on a cell where several stand", () => {
    const stands = (charId: number, name: string, x: number) =>
      event({
        type: "actor.appeared",
        shown: {},
        class: 0,
        kind: "player",
        charId: CharId(charId),
        name,
        sex: "male",
        x,
        y: 3,
      });
    const two = inMap().happen(stands(9, "bob", 4), stands(10, "cid", 6), stands(11, "dora", 6));
    expect(two.lines().join("\n")).toContain("@B· CD· ██");
    const many = two.happen(stands(12, "eve", 4), stands(13, "fay", 6));
    expect(many.lines().join("\n")).toContain("@+· C+· ██");
  });

  it("shows where the nearest warp is", () => {
    expect(inMap().lines()[0]).toContain("() 3 cells north-west");
    const beside = inMap().happen(event({ type: "actor.moved", charId: self, x: 1, y: 2 }));
    expect(beside.lines()[0]).toContain("() 1 cell north");
    const without = { ...place, cells: new Uint8Array(63) };
    expect(inMap().happen({ type: "entered", place: without }).lines()[0]).not.toContain("()");
  });

  it.each([
    [80, 24],
    [40, 14],
    [200, 60],
    [30, 10],
    [1, 1],
  ])("fits %i by %i, on every screen", (columns, rows) => {
    const crowd = Array.from({ length: 60 }, (_, index) =>
      event({
        type: "actor.appeared",
        shown: {},
        class: 0,
        kind: "player",
        charId: CharId(100 + index),
        name: `p${index}`,
        sex: "male",
        x: 4,
        y: 4,
      }),
    );
    const screens = [
      new Played(),
      new Played("alice"),
      loggedIn(),
      selecting(),
      inMap(),
      inMap().happen(...crowd),
    ];
    for (const played of screens) {
      expect(played.lines(columns, rows).length).toBeLessThanOrEqual(Math.max(rows, 2));
    }
  });
});

describe("a map where clients report where they are", () => {
  const movement = { unitsPerCell: 32, greatestSpeed: 2_000 };
  const [x, y] = [4 * 32 + 5, 3 * 32 + 9];
  const reporting = (speed = movement.greatestSpeed): Played =>
    inMap().happen({
      type: "entered",
      place: {
        ...place,
        position: { map: "yard", x, y },
        movement: { ...movement, greatestSpeed: speed },
      },
    });
  const stepsOf = (played: Played, ...keys: string[]) => {
    const before = played.commands.length;
    return played.press(...keys).commands.slice(before);
  };
  const beside = { type: "report", map: "yard", x: 5 * 32 + 16, y: 3 * 32 + 16 } as const;

  it("is drawn in cells", () => {
    const near = { kind: "player", name: "Bob", sex: "male", shown: {}, class: 0 } as const;
    const played = reporting().happen(
      event({ type: "actor.appeared", ...near, charId: CharId(9), x: 6 * 32, y: 3 * 32 + 31 }),
    );
    const [title = "", ...lines] = played.lines();
    expect(title).toContain("yard 4,3");
    expect(lines.some((each) => each.includes("██· · · @ · B · ██"))).toBe(true);
    expect(lines.some((each) => /B Bob +2$/.test(each))).toBe(true);
  });

  it("is crossed by one report for each step, to the middle of the next cell", () => {
    const played = reporting();
    expect(stepsOf(played, "right")).toEqual([beside]);
    played.nowMs += place.stepMs;
    played.happen({ ...beside, type: "reported" });
    expect(played.state.screen).toMatchObject({ position: { map: "yard", x: beside.x, y: beside.y } });
    expect(stepsOf(played, "n")).toEqual([{ ...beside, x: beside.x + 32, y: beside.y + 32 }]);
  });

  it("is crossed no faster than other maps, and no faster than the map allows", () => {
    const played = reporting();
    expect(stepsOf(played, "right", "right", "right")).toHaveLength(1);
    played.nowMs += place.stepMs - 1;
    expect(stepsOf(played, "right")).toEqual([]);
    played.nowMs += 1;
    expect(stepsOf(played, "right")).toHaveLength(1);
    const slow = reporting(32);
    expect(stepsOf(slow, "right")).toHaveLength(1);
    slow.nowMs += 1_000;
    slow.happen({ ...beside, type: "reported" });
    expect(stepsOf(slow, "right")).toEqual([]);
    slow.nowMs += 100;
    expect(stepsOf(slow, "right")).toHaveLength(1);
  });

  it("has walls, and leaves the player where it was if a report is refused", () => {
    const played = reporting();
    const [command] = stepsOf(played, "right");
    if (command === undefined) throw new Error("no step was reported");
    played.happen({ type: "refused", command, refusal: "too-fast", standing: "map" });
    expect(played.state.screen).toMatchObject({ position: { x, y } });
    expect(played.footer).toContain("The character cannot get there so soon.");
    played.happen(event({ type: "actor.moved", charId: self, x: 7 * 32, y }));
    played.nowMs += place.stepMs;
    expect(stepsOf(played, "right")).toEqual([]);
  });
});
