import { CharId, type MapEntered } from "@sallyport/domain";
import { describe, expect, it } from "vitest";
import { type Command, type Happening, type Key, plainText, type State, update, view } from "../src/index.ts";
import { initialState } from "../src/state.ts";

const server = { host: "127.0.0.1", port: 7100 };
const world = { name: "midgard", host: "127.0.0.1", port: 7200, players: 3, wsUrl: null };
const self = CharId(7);

/** A room of 9 by 7 with a wall around, and a warp in its north-western corner. */
const place: MapEntered = {
  charId: self,
  name: "Aoi",
  position: { map: "yard", x: 4, y: 3 },
  width: 9,
  height: 7,
  cells: Uint8Array.from({ length: 63 }, (_, index) => {
    const [x, y] = [index % 9, Math.floor(index / 9)];
    if (x === 1 && y === 1) return 2;
    return x === 0 || y === 0 || x === 8 || y === 6 ? 1 : 0;
  }),
  stepMs: 150,
  viewCells: 14,
};

const names = new Set(["up", "down", "left", "right", "enter", "tab", "backspace", "escape", "interrupt"]);
const keyOf = (pressed: string): Key =>
  (names.has(pressed) ? { type: "named", name: pressed } : { type: "text", text: pressed }) as Key;

/** The state after all that, and everything that it asked for on the way. */
class Played {
  state: State;
  readonly commands: Command[] = [];
  nowMs = 0;

  constructor(name = "") {
    this.state = initialState(server, name);
  }

  happen(...happenings: Happening[]): this {
    for (const happening of happenings) {
      const step = update(this.state, happening, this.nowMs);
      this.state = step.state;
      this.commands.push(...step.commands);
    }
    return this;
  }

  press(...keys: string[]): this {
    return this.happen(...keys.map((key): Happening => ({ type: "key", key: keyOf(key) })));
  }

  type(text: string): this {
    return this.press(...text);
  }

  lines(columns = 80, rows = 24): string[] {
    return view(this.state, { columns, rows }, this.nowMs).map(plainText);
  }

  get footer(): string {
    return this.lines().at(-1) ?? "";
  }
}

const loggedIn = (): Played =>
  new Played("alice")
    .type("secret")
    .press("enter")
    .happen({ type: "logged-in", worlds: [world] });
const selecting = (): Played => {
  const characters = [{ charId: self, slot: 1, name: "Aoi", position: place.position }];
  return loggedIn().happen({ type: "selecting", characters, slotCount: 3 });
};
const inMap = (): Played => selecting().press("down", "enter").happen({ type: "entered", place });
const event = (of: Extract<Happening, { type: "game-event" }>["event"]): Happening => ({
  type: "game-event",
  event: of,
});

describe("the title", () => {
  it("logs in with what was typed", () => {
    const played = new Played()
      .press("enter")
      .type("alicf")
      .press("backspace")
      .type("e")
      .press("tab")
      .type("s q");
    expect(played.press("enter").commands).toEqual([{ type: "log-in", name: "alice", password: "s q" }]);
    expect(played.footer).toContain("Logging in…");
  });

  it("begins at the password when the name is known", () => {
    expect(new Played("alice").type("pw").press("enter").commands).toEqual([
      { type: "log-in", name: "alice", password: "pw" },
    ]);
  });

  it("registers, and logs in with the new account at once", () => {
    const played = new Played().press("down", "enter").type("bob").press("enter").type("pw").press("enter");
    played.press("right", "enter").happen({ type: "registered", name: "bob", password: "pw" });
    expect(played.commands).toEqual([
      { type: "register", name: "bob", password: "pw", sex: "male" },
      { type: "log-in", name: "bob", password: "pw" },
    ]);
  });

  it("never shows a password", () => {
    const played = new Played("alice").type("hunter2");
    expect(played.lines().join("\n")).not.toContain("hunter2");
    expect(played.lines().join("\n")).toContain("•••••••");
  });

  it("asks for nothing while a field is empty", () => {
    expect(new Played("alice").press("enter").commands).toEqual([]);
  });

  it("enters the only world, and asks which of several", () => {
    expect(loggedIn().commands.at(-1)).toEqual({ type: "enter-world", world });
    const other = { ...world, name: "alfheim" };
    const played = new Played("alice").happen({ type: "logged-in", worlds: [world, other] });
    expect(played.lines().join("\n")).toContain("alfheim, 3 players");
    expect(played.press("down", "enter").commands).toEqual([{ type: "enter-world", world: other }]);
  });
});

describe("a refusal", () => {
  const logIn: Command = { type: "log-in", name: "alice", password: "pw" };

  it("is said in a sentence, and leaves the form as it was filled in", () => {
    const played = new Played("alice").type("pw").press("enter");
    played.happen({
      type: "refused",
      command: logIn,
      refusal: "wrong-name-or-password",
      standing: "outside",
    });
    expect(played.footer).toContain("The name or the password is wrong.");
    expect(played.state.screen).toMatchObject({ at: "form", name: "alice", password: "pw" });
  });

  it("says where nothing listens, and what to do about it", () => {
    const played = new Played("alice").happen({
      type: "refused",
      command: logIn,
      refusal: "unreachable",
      standing: "outside",
    });
    expect(played.footer).toContain("Nothing listens on 127.0.0.1:7100. Start it with npm start.");
  });

  it("says why a server that is there cannot be reached", () => {
    const refused = { type: "refused", command: logIn, refusal: "unreachable", standing: "outside" } as const;
    const why = "127.0.0.1:7100: the certificate is for another name";
    expect(new Played("alice").happen({ ...refused, why }).footer).toContain(`Could not be reached: ${why}.`);
    const nobody = new Played("alice").happen({ ...refused, why: "127.0.0.1:7100: ECONNREFUSED" });
    expect(nobody.footer).toContain("Nothing listens on 127.0.0.1:7100.");
  });

  it("that may end is tried again when asked to, and not before its time", () => {
    const played = new Played("alice").type("pw").press("enter");
    const command = played.commands.at(-1) ?? logIn;
    played.happen({
      type: "refused",
      command,
      refusal: "already-online",
      standing: "outside",
      retryAfterMs: 3_000,
    });
    expect(played.footer).toContain("Enter: try again in 3 s");
    played.nowMs = 1_500;
    played.press("enter").happen({ type: "tick" });
    expect(played.footer).toContain("Trying again in 2 s");
    expect(played.commands).toHaveLength(1);
    played.nowMs = 3_000;
    played.happen({ type: "tick" });
    expect(played.commands).toEqual([command, command]);
    expect(played.footer).toContain("Logging in…");
  });

  it("that may end says so in full on a small screen", () => {
    const played = new Played("alice");
    played.happen({
      type: "refused",
      command: logIn,
      refusal: "already-online",
      standing: "outside",
      retryAfterMs: 1,
    });
    for (const columns of [40, 80]) {
      const lines = played.lines(columns).join(" ").replaceAll(/ +/g, " ");
      expect(lines).toContain("Whoever plays it has been asked to leave. Enter: try again");
    }
  });

  it("that may end can be let be", () => {
    const played = new Played("alice");
    played.happen({
      type: "refused",
      command: logIn,
      refusal: "busy",
      standing: "outside",
      retryAfterMs: 10,
    });
    played.nowMs = 10_000;
    expect(played.press("escape").happen({ type: "tick" }).commands).toEqual([]);
    expect(played.footer).toContain("Enter: log in");
  });

  it("at the map's door leads back to the title", () => {
    const played = selecting().press("down", "enter");
    const command: Command = { type: "enter-world", world };
    played.happen({ type: "refused", command, refusal: "not-expected", standing: "outside" });
    expect(played.state.screen).toMatchObject({ at: "menu", name: "alice" });
    expect(played.state.busy).toBeNull();
  });
});

describe("character select", () => {
  it("chooses the character in a slot, and offers to make one in a free slot", () => {
    expect(selecting().press("down", "enter").commands.at(-1)).toEqual({ type: "choose", charId: self });
    const played = selecting().press("enter").type("Bea").press("enter");
    expect(played.commands.at(-1)).toEqual({ type: "create", slot: 0, name: "Bea" });
  });

  it("finds the free slot for a new one", () => {
    expect(selecting().press("down", "n").type("Bea").press("enter").commands.at(-1)).toMatchObject({
      slot: 0,
    });
  });

  it("deletes only after a yes", () => {
    const played = selecting().press("down", "d");
    expect(played.lines().join("\n")).toContain("Delete Aoi for good? y/n");
    expect(played.press("enter", "d", "n").commands.some(({ type }) => type === "delete")).toBe(false);
    expect(played.press("d", "y").commands.at(-1)).toEqual({ type: "delete", charId: self });
  });

  it("logs out", () => {
    expect(selecting().press("q").commands.at(-1)).toEqual({ type: "log-out" });
  });
});

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

  it("asks for a step once, however long the key is held, and for the next one when it is told of", () => {
    const played = inMap();
    const before = played.commands.length;
    played.press("right", "right", "right");
    expect(played.commands.slice(before)).toEqual([{ type: "walk", x: 5, y: 3 }]);
    played.happen(event({ type: "actor.moved", charId: self, x: 5, y: 3 })).press("right");
    expect(played.commands.slice(before + 1)).toEqual([{ type: "walk", x: 6, y: 3 }]);
  });

  it("turns at once, and asks again for a step that was never told of", () => {
    const played = inMap();
    const before = played.commands.length;
    played.press("right", "up");
    expect(played.commands.slice(before)).toHaveLength(2);
    played.nowMs = 5_000;
    played.press("up");
    expect(played.commands.slice(before)).toHaveLength(3);
  });

  it("does not walk into walls", () => {
    const played = inMap().happen(event({ type: "actor.moved", charId: self, x: 7, y: 3 }));
    const before = played.commands.length;
    expect(played.press("right").commands).toHaveLength(before);
  });

  it("does not predict: the player is where the server says", () => {
    const played = inMap().press("right");
    expect(played.state.screen).toMatchObject({ position: { x: 4, y: 3 } });
  });

  it("says what was typed, and shows what was said", () => {
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

  it("is changed by a warp, and those who were near are not any more", () => {
    const played = inMap().happen(
      event({ type: "actor.appeared", charId: CharId(9), name: "Bob", sex: "male", x: 5, y: 3 }),
      event({ type: "map.changed", ...place, position: { map: "cellar", x: 2, y: 2 } }),
    );
    expect(played.state.screen).toMatchObject({ position: { map: "cellar", x: 2, y: 2 } });
    expect(played.lines().join("\n")).toContain("Nobody is near.");
  });

  it("is left with the reason when the server ends it", () => {
    const played = inMap().happen({ type: "ended", reason: "logged-in-elsewhere" });
    expect(played.footer).toContain("Somebody logged in with this account elsewhere.");
    expect(played.press("enter").state.screen).toMatchObject({ at: "form", name: "alice", focus: 1 });
  });
});

describe("Ctrl-C", () => {
  it("saves and quits from anywhere, and does not wait the second time", () => {
    for (const played of [new Played(), new Played("alice"), selecting(), inMap(), inMap().press("t")]) {
      expect(played.press("interrupt").commands.at(-1)).toEqual({ type: "quit" });
      expect(played.press("interrupt").commands.at(-1)).toEqual({ type: "abandon" });
    }
  });
});

describe("the picture", () => {
  it("shows walls, warps, the player and the others around it", () => {
    const played = inMap().happen(
      event({ type: "actor.appeared", charId: CharId(9), name: "bob", sex: "male", x: 6, y: 3 }),
    );
    const lines = played.lines();
    expect(lines).toHaveLength(24);
    const row = lines.find((each) => each.includes("@ · B")) ?? "";
    expect(row.trim().startsWith("██· · · @ · B · ██")).toBe(true);
    expect(lines.some((each) => each.includes("██()· "))).toBe(true);
    expect(lines.some((each) => each.includes("B bob") && each.trim().endsWith("2"))).toBe(true);
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
