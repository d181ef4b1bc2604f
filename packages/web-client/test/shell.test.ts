import { CharId, refused, refusedBecause } from "@sallyport/domain";
import { Credentials, createClient } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { addresses, MemoryCluster } from "../../sdk/test/memory-cluster.ts";
import { Shell } from "../src/shell.ts";
import type { Screen, State } from "../src/state.ts";

const credentials = new Credentials();
const account = { name: "alice", password: "secret" };
let cluster: MemoryCluster;
let shell: Shell;
let remembered: object[];
let forgotten: number;

beforeEach(() => {
  cluster = new MemoryCluster();
  remembered = [];
  forgotten = 0;
  shell = newShell();
});

const newShell = (): Shell =>
  new Shell({
    client: createClient({ connect: cluster.connect, login: addresses.login, credentials }),
    initial: { language: "en", accountName: "" },
    // The shortest waits.
    random: () => 0,
    changed: () => {},
    remember: (kept) => remembered.push(kept),
    forget: () => {
      forgotten += 1;
    },
  });

const untilState = (what: string, is: (state: State) => boolean) =>
  until(() => is(shell.state) && shell.state.busy === null, { what });
const untilAt = (at: Screen["at"]) => untilState(`the page is at ${at}`, ({ screen }) => screen.at === at);

async function intoTheMap(): Promise<void> {
  shell.do({
    type: "command",
    command: { type: "register", sex: "female", email: "", invitation: "", ...account },
  });
  await untilAt("select");
  shell.do({ type: "command", command: { type: "create", slot: 0, name: "Aoi" } });
  await untilState("Aoi exists", ({ screen }) => screen.at === "select" && screen.characters.length === 1);
  const { screen } = shell.state;
  const charId = screen.at === "select" ? (screen.characters[0]?.charId ?? CharId(0)) : CharId(0);
  shell.do({ type: "command", command: { type: "choose", charId } });
  await untilAt("map");
}

describe("a player", () => {
  it("registers, makes a character, walks, talks and goes back", async () => {
    await intoTheMap();
    shell.do({ type: "heading", heading: { dx: 1, dy: 0 } });
    shell.do({ type: "heading", heading: null });
    await untilState(
      "a step",
      ({ screen }) => screen.at === "map" && screen.position.x > screen.place.position.x,
    );
    shell.do({ type: "say", text: "hello there" });
    await untilState(
      "its own words",
      ({ screen }) => screen.at === "map" && screen.log.some((line) => line.kind === "said"),
    );
    shell.do({ type: "command", command: { type: "back" } });
    await untilAt("select");
    expect(remembered).toEqual([expect.objectContaining({ accountName: "alice" })]);
    expect(JSON.stringify(remembered)).not.toContain(account.password);
  });

  it("that loses the connection is back with the same character, without a word from it", async () => {
    await intoTheMap();
    cluster.script = (command) => (command.type === "map.say" ? "hang-up" : null);
    shell.do({ type: "say", text: "cut" });
    await untilState("the way back", ({ returning }) => returning !== null);
    expect(shell.state.screen.at).toBe("map");
    await untilState("the map again", ({ returning }) => returning === null);
    expect(shell.state.screen).toMatchObject({ at: "map", place: { name: "Aoi" } });
    cluster.script = () => null;
    shell.do({ type: "say", text: "here again" });
    await untilState(
      "words after the loss",
      ({ screen }) =>
        screen.at === "map" && screen.log.some((line) => line.kind === "said" && line.text === "here again"),
    );
  });

  it("that the char-server refuses for a while tries again", async () => {
    await intoTheMap();
    let refusals = 2;
    cluster.script = (command) => {
      if (command.type === "map.say") return "hang-up";
      return command.type === "char.enter" && refusals-- > 0 ? refused("unavailable", 1) : null;
    };
    shell.do({ type: "say", text: "cut" });
    await untilState("the third attempt", ({ returning }) => (returning?.attempt ?? 0) >= 3);
    shell.do({ type: "come-back" });
    await untilState("the map again", ({ returning }) => returning === null);
    expect(shell.state.screen.at).toBe("map");
  });

  it("that is taken over is told so, stays out, and comes back on demand", async () => {
    await intoTheMap();
    for (const each of cluster.accounts.values()) each.kick?.();
    await untilAt("ended");
    expect(shell.state).toMatchObject({ returning: null, screen: { reason: "logged-in-elsewhere" } });
    shell.do({ type: "come-back" });
    await untilAt("map");
  });

  it("that is banned is told until when and why, in the world and at the next login", async () => {
    await intoTheMap();
    const ban = { reason: "banned", untilMs: Date.UTC(2099, 0), text: "spam" } as const;
    cluster.script = (command) => (command.type === "map.say" ? ban : null);
    shell.do({ type: "say", text: "buy gold" });
    await untilAt("ended");
    const { untilMs, text } = ban;
    expect(shell.state.screen).toMatchObject({ reason: "banned", explained: { untilMs, text } });
    const refusal = refusedBecause("banned", { retryAfterMs: 60_000, detail: "spam" });
    cluster.script = (command) => (command.type === "login.prove" ? refusal : null);
    shell.do({ type: "come-back" });
    await untilState("the refusal", ({ screen }) => screen.at === "ended" && screen.refusal === "banned");
    expect(shell.state.screen).toMatchObject({ explained: { untilMs: expect.any(Number), text } });
  });

  it("that logs in while another page plays waits until that page has left", async () => {
    await intoTheMap();
    const first = shell;
    shell = newShell();
    shell.do({ type: "command", command: { type: "log-in", ...account } });
    await untilAt("select");
    expect(first.state.screen).toMatchObject({ at: "ended", reason: "logged-in-elsewhere" });
  });

  it("that gives up leaves nothing behind, even if an attempt was under way", async () => {
    await intoTheMap();
    cluster.script = (command) => (command.type === "map.say" ? "hang-up" : null);
    shell.do({ type: "say", text: "cut" });
    await untilState("the way back", ({ returning }) => returning !== null);
    shell.do({ type: "come-back" });
    shell.do({ type: "give-up" });
    expect(shell.state.screen).toEqual({ at: "title", form: "log-in" });
    expect(forgotten).toBe(1);
    await until(() => cluster.map.walkers.size === 0, { what: "no player is left in the world" });
    expect(shell.state.screen).toEqual({ at: "title", form: "log-in" });
  });
});
