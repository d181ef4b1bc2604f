import { refused } from "@sallyport/domain";
import { Credentials, createClient } from "@sallyport/sdk";
import { until } from "@sallyport/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { addresses, MemoryCluster } from "../../sdk/test/memory-cluster.ts";
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
