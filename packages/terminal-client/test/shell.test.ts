import {
  AccountId,
  accepted,
  CharId,
  type EventOf,
  type MapDoor,
  refused,
  refusedBecause,
  refusedWith,
} from "@sallyport/domain";
import { Credentials, createClient } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import { packValue } from "@sallyport/wire";
import { beforeEach, describe, expect, it } from "vitest";
import { addresses, MemoryCluster } from "../../sdk/test/memory-cluster.ts";
import { guide } from "../../sdk/test/memory-map.ts";
import { KeyReader, plainText, Shell } from "../src/index.ts";

const enter = "\r";
const credentials = new Credentials();
let cluster: MemoryCluster;
let shell: Shell;

function newShell(name = ""): Shell {
  const client = createClient({ connect: cluster.connect, login: addresses.login, credentials });
  return new Shell({ client, server: addresses.login, name, changed: () => {} });
}

function type(text: string): void {
  for (const key of new KeyReader().push(text)) shell.press(key);
}

const picture = (): string => shell.view({ columns: 80, rows: 24 }).map(plainText).join("\n");
const sees = (text: string) => until(() => picture().includes(text), { what: `the picture shows "${text}"` });

/** Goes from the title to the map with a new account and a new character. */
async function intoTheMap(): Promise<void> {
  type(`\x1b[B${enter}alice\tsecret\t${enter}`);
  await sees("Characters of alice");
  type(`${enter}Aoi${enter}`);
  await sees("Aoi is made.");
  type(enter);
  await sees("yard 5,5  Aoi  20x20");
}

beforeEach(() => {
  cluster = new MemoryCluster();
  shell = newShell();
});

describe("a player at the keys", () => {
  it("registers, makes a character, walks, talks, goes back and quits", async () => {
    await intoTheMap();
    type("d");
    await sees("yard 6,5");
    type(`${enter}hello there${enter}`);
    await sees("Aoi: hello there");
    type("c");
    await sees("Characters of alice");
    await sees("yard 6,5");
    type(enter);
    await sees("Nobody is near.");
    type("q");
    await shell.finished;
    await until(() => cluster.map.walkers.size === 0, { what: "no player is left in the world" });
  });

  it("that is banned is told until when and why: in the world, at the login and at the char door", async () => {
    await intoTheMap();
    const ban = { reason: "banned", untilMs: Date.UTC(2099, 0), text: "for\u001b[2J spam" } as const;
    const until = "The ban ends at 2099-01-01 00:00 UTC. The operator says:";
    cluster.script = (command) => (command.type === "map.say" ? ban : null);
    type(`${enter}buy gold${enter}`);
    await sees("You are banned from this server.");
    const shown = () => picture().replaceAll(/\s+/g, " ");
    expect(shown()).toContain(`${until} for·[2J spam`);

    const untilMs = Date.UTC(2099, 0) - Date.now();
    const refusal = refusedBecause("address-banned", { retryAfterMs: untilMs, detail: "a flood" });
    cluster.script = (command) => (command.type === "login.prove" ? refusal : null);
    type(`${enter}secret${enter}`);
    await sees("This address is banned.");
    expect(shown()).toMatch(
      /The ban ends at (2098-12-31 23:59|2099-01-01 00:00) UTC\. The operator says: a flood/,
    );
    // Nobody waits for the end of a ban.
    expect(picture()).not.toContain("try again");

    cluster.script = (command) => (command.type === "char.enter" ? ban : null);
    type(enter);
    await sees("You are banned from this server.");
    expect(shown()).toMatch(/The ban ends at (2098-12-31 23:59|2099-01-01 00:00) UTC/);
  });

  it("reads which rooms are open, as a list or with the refusal of another", async () => {
    await intoTheMap();
    cluster.script = ({ type }) =>
      type === "room.enter" ? refusedWith("no-such-room", "grove, tavern") : null;
    type(`${enter}/room${enter}`);
    await sees("Open rooms: grove, tavern.");
    expect(picture()).not.toContain("no such room");
    type(`${enter}/room nowhere${enter}`);
    await sees("(open rooms: grove, tavern)");
  });

  it("talks to an actor, buys, and plays with the messages of the game", async () => {
    await intoTheMap();
    const tell = (told: EventOf<MapDoor>) => [...cluster.map.walkers.values()].map((each) => each.tell(told));
    const ids = { accountId: AccountId(0), charId: CharId(guide) };
    const cell = { x: 7, y: 5, path: [], walked: 0, cameFrom: null, stepMs: 150 };
    const looks = { name: "Guide", sex: "female", kind: "npc", looks: {}, shown: new Uint8Array() } as const;
    tell({ type: "actor.appeared", ...ids, ...cell, ...looks });
    await sees("& Guide");
    type(" ");
    await sees(" 1 Bye");
    type("2");
    await sees(" 1 Apple, 15");
    type("1");
    await sees("You bought: Apple");
    type("\x1b");
    cluster.map.game = ({ name }) => (name === "rest" ? accepted({}) : refusedWith("refused", "not tired"));
    type(`${enter}/send rest${enter}`);
    await sees("rest: done");
    type(`${enter}/send sleep {"hours": 8}${enter}`);
    await sees("The game does not allow this. (not tired)");
    tell({ type: "game.event", name: "tide", body: packValue({ level: 2 }) });
    await sees('tide {"level":2}');
    expect(shell.state.screen.at).toBe("map");
  });

  it("sees the players who were there before", async () => {
    await intoTheMap();
    const first = shell;
    shell = newShell();
    type(`\x1b[B${enter}bobby\tsecret\t${enter}`);
    await sees("Characters of bobby");
    type(`${enter}Bea${enter}`);
    await sees("Bea is made.");
    type(enter);
    await sees("Near: 1");
    expect(picture()).toMatch(/A Aoi/);
    first.stop();
    await sees("Nobody is near.");
  });

  it("is told why it was kicked, and can log in again", async () => {
    await intoTheMap();
    for (const account of cluster.accounts.values()) account.kick?.();
    await sees("Somebody logged in with this account elsewhere.");
    type(`${enter}secret${enter}`);
    await sees("Characters of alice");
  });

  it("is told of a kick even while it waits for an answer", async () => {
    await intoTheMap();
    cluster.script = (command) => (command.type === "map.leave" ? "hang" : null);
    type("c");
    await sees("going back to character select");
    for (const account of cluster.accounts.values()) account.kick?.();
    await sees("Somebody logged in with this account elsewhere.");
  });

  it("repeats a request that was refused for a time", async () => {
    await intoTheMap();
    let refusals = 2;
    cluster.script = (command) =>
      command.type === "char.enter" && refusals-- > 0 ? refused("busy", 1) : null;
    type("c");
    await sees("too much to do");
    type(enter);
    await until(() => refusals <= 0, { what: "the second attempt" });
    await sees("too much to do");
    type(enter);
    await sees("Characters of alice");
  });

  it("is told if the map does not admit it", async () => {
    cluster.script = (command) => (command.type === "map.enter" ? refused("not-expected") : null);
    type(`\x1b[B${enter}alice\tsecret\t${enter}`);
    await sees("Characters of alice");
    type(`${enter}Aoi${enter}`);
    await sees("Aoi is made.");
    type(enter);
    await sees("The map did not expect this character");
  });

  it("can leave by a second Ctrl-C if the server does not answer", async () => {
    await intoTheMap();
    cluster.script = () => "hang";
    type("\x03");
    await sees("Saving and leaving…");
    type("\x03");
    await shell.finished;
  });
});
