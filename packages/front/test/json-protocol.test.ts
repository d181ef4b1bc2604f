import { CharId } from "@sallyport/domain";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { protocolFolders } from "../src/protocols/index.ts";
import { jsonFolder, jsonProtocol } from "./example/json-protocol.ts";
import { PlayedClient } from "./played.ts";

/* The protocol of docs/front-protocols.md. */

let client: PlayedClient;
beforeEach(async () => {
  client = PlayedClient.of(jsonProtocol);
  await settled();
});

const says = (message: object): Promise<void> => client.sends(`${JSON.stringify(message)}\n`);
const logsIn = (): Promise<void> => says({ type: "log-in", name: "ada", password: "secret1" });

/** What the client was told since the last call. */
function told(): unknown[] {
  const lines = client.heard.toString().split("\n").slice(0, -1);
  client.heard = Buffer.alloc(0);
  return lines.map((line) => JSON.parse(line) as unknown);
}

const world = { name: "Alpha", host: "h", port: 1, players: 0, wsUrl: null };
const character = { charId: CharId(7), slot: 0, name: "Ada", position: { map: "harbour", x: 1, y: 1 } };

describe("a client of the protocol that the page shows", () => {
  test("comes from its greeting to play, talks, and hears others", async () => {
    const { servers } = client;
    expect(told()).toEqual([{ welcome: "Log in." }]);
    await logsIn();
    await servers.answer({ type: "done", of: "log-in", worlds: [world] });
    await servers.answer({ type: "done", of: "enter-world", characters: [character], slotCount: 3 });
    await servers.answer({ type: "done", of: "choose" });
    expect(told()).toEqual([{ welcome: "You are in." }]);
    await says({ type: "say", text: "hello" });
    expect(servers.asked.map(({ type }) => type)).toEqual(["log-in", "enter-world", "choose", "say"]);
    servers.events?.heard({ type: "actor.said", charId: CharId(8), name: "Bob", text: "hello Ada" });
    await settled();
    expect(told()).toEqual([{ from: "Bob", text: "hello Ada" }]);
  });

  test.each([
    ["what is no JSON", "hello\n"],
    ["what is no message", "7\n"],
    ["a line without an end", "x".repeat(1_025)],
  ])("is disconnected for %s", async (_, bytes) => {
    await client.sends(bytes);
    expect(client.isClosed).toBe(true);
  });

  test("reads why it has to leave", async () => {
    await logsIn();
    told();
    client.servers.events?.ended("kicked", "You were kicked.");
    await settled();
    expect(told()).toEqual([{ from: "server", text: "You were kicked." }]);
    expect(client.isClosed).toBe(true);
  });
});

test("a protocol has settings that begin with its name, because warnings of the front name them so", () => {
  for (const { name, settings } of [...protocolFolders, jsonFolder]) {
    const prefix = name.toUpperCase();
    const variables = Object.values(settings).map(({ variable }) => variable);
    expect(settings.port.variable).toBe(`${prefix}_PORT`);
    expect(variables.filter((variable) => !variable.startsWith(`${prefix}_`))).toEqual([]);
  }
});

test("the folder of a protocol is all that a front needs to open its port", () => {
  expect(jsonFolder.read({})).toBeNull();
  expect(jsonFolder.read({ JSON_PORT: "7024" })).toMatchObject({
    name: "json",
    port: 7_024,
    mayBeSecure: true,
  });
});
