import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { CharId } from "@sallyport/domain";
import type { GameEvent } from "@sallyport/sdk";
import { clientBounds } from "@sallyport/server-kit";
import { settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { chatProtocol, decide } from "../src/index.ts";
import { type ClientKey, clientKey } from "../src/protocols/chat/frames.ts";
import type { ChatState } from "../src/protocols/chat/state.ts";
import { PlayedClient, type PlayedServers } from "./played.ts";

const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const credentialMs = 8_000;
const protocol = chatProtocol({
  ...{ keys, room: "tavern", world: null, greeting: "Hi.", disconnect: "disconnect" },
  ...{ credentialMs, clientsMax: 5 },
});
const sentence = "It is refused.";
const refused = { type: "refused", sentence } as const;

let client: PlayedClient;
let servers: PlayedServers;
beforeEach(async () => {
  client = PlayedClient.of(protocol);
  servers = client.servers;
  await settled();
});

const plain = (text: string): string => `${String(Buffer.byteLength(text)).padEnd(64)}${text}`;
const says = (...texts: readonly string[]): Promise<void> => client.sends(...texts.map(plain));
/** The texts of the plain frames since the last call. */
function heard(): string[] {
  const texts: string[] = [];
  for (let at = 0; at < client.heard.length; ) {
    const length = Number(client.heard.toString("latin1", at, at + 64));
    texts.push(client.heard.toString("utf8", at + 64, at + 64 + length));
    at += 64 + length;
  }
  client.heard = Buffer.alloc(0);
  return texts;
}
const asked = (): unknown => servers.asked.at(-1);
const world = (name: string) => ({ name, host: "h", port: 1, players: 0, wsUrl: null });
const character = (charId: number, name: string, map: string) => ({
  ...{ charId: CharId(charId), slot: charId, name, position: { map, x: 1, y: 1 } },
});
const entered = (...characters: readonly ReturnType<typeof character>[]) =>
  ({ type: "done", of: "enter-world", characters, slotCount: 9 }) as const;

async function logsIn(name = "ada"): Promise<void> {
  await says(name, "secret1");
  await servers.answer({ type: "done", of: "log-in", worlds: [world("Beta"), world("Alpha")] });
}

describe("a name that cannot log in", () => {
  beforeEach(() => says("ada", "secret1"));

  test("fails where registration is closed, and the client may try again", async () => {
    await servers.answer({ ...refused, of: "log-in", refusal: "wrong-name-or-password" });
    expect(asked()).toEqual({ type: "register", name: "ada", password: "secret1" });
    await servers.answer({ ...refused, of: "register", refusal: "registration-closed" });
    expect(heard()).toEqual(["FAILURE"]);
    expect(client.isClosed).toBe(false);
  });

  test("that is taken is not registered again at the next wrong password", async () => {
    await servers.answer({ ...refused, of: "log-in", refusal: "wrong-name-or-password" });
    await servers.answer({ ...refused, of: "register", refusal: "name-taken" });
    await says("ada", "secret2");
    await servers.answer({ ...refused, of: "log-in", refusal: "wrong-name-or-password" });
    expect(servers.asked.map(({ type }) => type)).toEqual(["log-in", "register", "log-in"]);
    expect(heard()).toEqual(["FAILURE", "FAILURE"]);
  });

  test.each(["banned", "busy", "unreachable", "no-world"] as const)(
    "because it is refused as %s is not registered",
    async (refusal) => {
      await servers.answer({ ...refused, of: "log-in", refusal });
      expect(servers.asked).toHaveLength(1);
      expect(heard()).toEqual(["FAILURE"]);
    },
  );

  test("right after it was registered fails, and is not registered again", async () => {
    await servers.answer({ ...refused, of: "log-in", refusal: "wrong-name-or-password" });
    await servers.answer({ type: "done", of: "register" });
    await servers.answer({ ...refused, of: "log-in", refusal: "wrong-name-or-password" });
    expect(servers.asked.map(({ type }) => type)).toEqual(["log-in", "register", "log-in"]);
    expect(heard()).toEqual(["FAILURE"]);
  });
});

describe("the character", () => {
  test("is the one in the room, or else the first, in the first world by its name", async () => {
    await logsIn();
    expect(asked()).toEqual({ type: "enter-world", world: "Alpha" });
    await servers.answer(entered(character(1, "Ada", "harbour"), character(2, "Ada_Chats", "tavern")));
    expect(heard()).toEqual(["OK", "Welcome Ada_Chats\nHi."]);
  });

  test("is made with the name of the account, or with one like it if that is taken", async () => {
    await logsIn("ada@example.org");
    await servers.answer(entered());
    expect(asked()).toEqual({ type: "create", name: "ada" });
    await servers.answer({ ...refused, of: "create", refusal: "name-taken" });
    expect(asked()).toEqual({ type: "create", name: "ada_2" });
    await servers.answer({ type: "done", of: "create", created: character(3, "ada_2", "harbour") });
    expect(heard()).toEqual(["OK", "Welcome ada_2\nHi."]);
  });

  test("that cannot be had is a failure, and the world is left", async () => {
    await logsIn();
    await servers.answer({ ...refused, of: "enter-world", refusal: "unavailable" });
    expect(heard()).toEqual(["FAILURE"]);
    expect(asked()).toEqual({ type: "leave" });
  });
});

describe("a client that is slow", () => {
  test.each([
    ["its name", []],
    ["its password", ["ada"]],
  ])("with %s is disconnected", async (_, texts) => {
    await says(...texts);
    await client.clock.advance(credentialMs - 1);
    expect(client.isClosed).toBe(false);
    await client.clock.advance(1);
    expect(client.isClosed).toBe(true);
  });

  test("with its key is disconnected, and leaves the world", async () => {
    await logsIn();
    await servers.answer(entered(character(1, "Ada", "tavern")));
    await client.clock.advance(credentialMs);
    expect([client.isClosed, servers.hasEnded]).toEqual([true, true]);
  });
});

test("the secure frames of a client are decrypted only as fast as it may send", async () => {
  let decrypted = 0;
  const flooded = PlayedClient.of({
    ...protocol,
    codec() {
      const codec = protocol.codec();
      codec.write({ type: "key", pem: "" });
      const read = (bytes: Uint8Array) => {
        const said = codec.read(bytes);
        decrypted += said.length;
        return said;
      };
      return { read, write: (told) => codec.write(told) };
    },
  });
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  const body = publicEncrypt({ key: keys.publicKey, ...oaep }, Buffer.from("hello\n")).toString("base64");
  const frame = Buffer.from(`${"MzQ0".padEnd(64)}${body}`);
  for (let nth = 0; nth < 300; nth += 1) flooded.channel.send(frame);
  await settled();
  // A frame has 408 bytes, and so counts as four commands. At once come those of four seconds.
  const perSecond = clientBounds({}).commandsPerSecond / (1 + frame.length / 128);
  expect(decrypted).toBeLessThan(5 * perSecond);
  await flooded.clock.advance(5_000);
  expect(decrypted).toBeGreaterThan(4 * perSecond);
  expect(decrypted).toBeLessThan(10 * perSecond);
});

describe("in the room", () => {
  const key = clientKey(keys.publicKey.export({ type: "spki", format: "pem" }).toString()) as ClientKey;
  const alone: ChatState = { at: "in-room", alias: "Ada", key, present: new Map(), before: new Set() };
  const appears = (charId: number, name: string): GameEvent => ({
    ...{ type: "actor.appeared", charId: CharId(charId), name, sex: "male", kind: "player" },
    ...{ x: 1, y: 1, shown: {}, class: 0 },
  });
  const hop = { type: "map.changed" } as GameEvent;
  const hears = (state: ChatState, event: GameEvent) =>
    decide(protocol.table, state, { type: "heard", event }, null, { nowMs: 0, wallMs: 0 });
  const lines = ({ effects }: ReturnType<typeof hears>) =>
    effects.flatMap((effect) =>
      effect.type === "send" && effect.message.type === "secure"
        ? [`${effect.message.from}: ${effect.message.text}`]
        : [],
    );

  test("a player with the name of the server does not speak as the server", () => {
    const said = {
      type: "actor.said",
      charId: CharId(9),
      name: "Server",
      text: "[ ALERT ] Pay me.",
    } as const;
    expect(lines(hears(alone, said))).toEqual(["Server (a player): [ ALERT ] Pay me."]);
    expect(lines(hears(alone, appears(9, "SERVER")))).toEqual(["SERVER (a player): [ CONNECTED ]"]);
  });

  test.each([
    ["", null],
    ["Gwen: ", "Gwen"],
  ])(
    "an announcement is the server's word, with the name of a gamemaster who signed it: %j",
    (name, from) => {
      const announced = { type: "announced", from, text: "The tavern closes at ten." } as const;
      const heard = `SERVER: [ NOTIFICATION ] ${name}The tavern closes at ten.`;
      expect(lines(hears(alone, announced))).toEqual([heard]);
    },
  );

  test("others who come again after a hop have not been away, and newcomers are told of", () => {
    const withBen = hears(alone, appears(2, "Ben")).next;
    const hopped = hears(withBen, hop).next;
    expect(lines(hears(hopped, appears(2, "Ben")))).toEqual([]);
    expect(lines(hears(hopped, appears(3, "Cem")))).toEqual(["Cem: [ CONNECTED ]"]);
  });

  test("players that come again only after a second hop have not been away", () => {
    const withBen = hears(alone, appears(2, "Ben")).next;
    const hopped = hears(withBen, hop).next;
    const hoppedAgain = hears(hopped, hop).next;
    expect(lines(hears(hoppedAgain, appears(2, "Ben")))).toEqual([]);
  });

  test("a player who left after a hop is told of when it comes again", () => {
    const withBen = hears(alone, appears(2, "Ben")).next;
    const hopped = hears(withBen, hop).next;
    const seenAgain = hears(hopped, appears(2, "Ben")).next;
    const left = hears(seenAgain, { type: "actor.vanished", charId: CharId(2) } as GameEvent);
    expect(lines(left)).toEqual(["Ben: [ DISCONNECTED ]"]);
    expect(lines(hears(left.next, appears(2, "Ben")))).toEqual(["Ben: [ CONNECTED ]"]);
  });
});
