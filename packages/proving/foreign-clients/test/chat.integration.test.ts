import { createHash, createPublicKey } from "node:crypto";
import { createClient } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import { must, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ChatClient, newKeys, plainFrame } from "../src/index.ts";
import { WholeServer } from "./whole-server.ts";

/* The rules of seed 001, by a client with its own bytes. docs/seeds.md names each rule with its test. */

const password = "secret1";
const clientsMax = 12;
let server: WholeServer;
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  server = await WholeServer.start({
    DATABASE_URL: database.url,
    CHAT_GREETING: "\\tBe kind.\\n\\tType disconnect to leave.",
    CHAT_CLIENTS_MAX: String(clientsMax),
    CHAT_CREDENTIAL_MS: "60000",
    LOG_LEVEL: "debug",
  });
});
afterAll(async () => {
  await server?.stop();
  await database.drop();
});
afterEach(() => server.leaveAll());

async function inRoom(name: string): Promise<ChatClient> {
  const client = await server.chat();
  await client.joins(name, password);
  return client;
}

/** A key in the right form, whose modulus is even. Nothing can be encrypted with it. */
function uselessKey(): string {
  const { n = "", e = "" } = newKeys().publicKey.export({ format: "jwk" });
  const even = Buffer.from(n, "base64url");
  even.writeUInt8(2, even.length - 1);
  const jwk = { kty: "RSA", n: even.toString("base64url"), e };
  return createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
}

const isClosed = async (client: ChatClient): Promise<boolean> => {
  await client.stream.closed;
  return client.stream.isEnded;
};

describe("who gets in", () => {
  test("a new name with its password, in frames of 64 bytes and the text; the server speaks only when asked", async () => {
    const client = await server.chat();
    client.stream.send(Buffer.from(`5${" ".repeat(63)}alice`));
    expect(plainFrame("alice")).toEqual(Buffer.from(`5${" ".repeat(63)}alice`));
    expect(client.stream.unread).toHaveLength(0);
    client.sendPlain(password);
    const answer = await client.frame((header) => header);
    expect(answer).toEqual({ header: `2${" ".repeat(63)}`, body: Buffer.from("OK") });
  });

  test("the same name with the same password again, and white space around the name does not count", async () => {
    await inRoom("bruno");
    await server.leaveAll();
    const again = await server.chat();
    expect(await again.tries("  bruno\n", password)).toBe("OK");
  });

  test("nobody with another password or its hash, and after five failures the connection is closed", async () => {
    await inRoom("carla");
    const client = await server.chat();
    const hash = createHash("sha256").update(password).digest("hex");
    for (const wrong of ["other", hash, `${password} `, password.toUpperCase(), ""])
      expect(await client.tries("carla", wrong)).toBe("FAILURE");
    expect(await client.tries("carla", password)).toBe(null);
  });

  test("a name that no account may have fails, and the next try may be right", async () => {
    const client = await server.chat();
    expect(await client.tries("no such name!", password)).toBe("FAILURE");
    expect(await client.tries("x", password)).toBe("FAILURE");
    expect(await client.tries("dora", password)).toBe("OK");
  });

  test("a name whose account was made by another client, with that client's character", async () => {
    const native = await server.native("Emil_Native", password);
    await native.leave();
    const client = await server.chat();
    expect(await client.joins("Emil_Native", password)).toContain("Welcome Emil_Native");
  });

  test("the newer of two logins of a name; the older is told and leaves", async () => {
    const older = await inRoom("frida");
    const newer = await server.chat();
    await newer.joins("frida", password);
    expect(await older.secure()).toBe("SERVER: [ ALERT ] Somebody logged in with this account elsewhere.");
    expect(await isClosed(older)).toBe(true);
    newer.says("still here");
  });

  test("a name with which nobody has logged on has the password of its account, and no other", async () => {
    const native = createClient({ connect: tcpConnect, login: server.place("login") });
    must(await native.register({ name: "fresh", password, sex: "female" }));
    const client = await server.chat();
    expect(await client.tries("fresh", "the first to come")).toBe("FAILURE");
    expect(await client.tries("fresh", password)).toBe("OK");
  });

  test("everybody at once: nobody waits for one that is in the middle of its login", async () => {
    const slow = await server.chat();
    slow.stream.send(plainFrame("gerda").subarray(0, 66));
    const [first, second] = await Promise.all([inRoom("gitte"), inRoom("gunda")]);
    first.says("nobody waits");
    await second.hears("gitte: nobody waits\n");
    slow.stream.send(plainFrame("gerda").subarray(66));
    slow.sendPlain(password);
    expect(await slow.plain()).toBe("OK");
  });

  test("as many clients as CHAT_CLIENTS_MAX, and no more", async () => {
    const clients = await Promise.all(Array.from({ length: clientsMax + 1 }, () => server.chat()));
    const ended = () => clients.filter((client) => client.stream.isEnded);
    await until(() => ended().length > 0, { what: "a connection to be closed" });
    const open = clients.find((client) => !client.stream.isEnded);
    expect(await open?.tries("greta", password)).toBe("OK");
    expect(ended()).toHaveLength(1);
    await server.leaveAll();
    expect(await (await server.chat()).tries("greta", password)).toBe("OK");
  });
});

describe("the exchange of keys", () => {
  test("begins with the welcome and the greeting of the setting", async () => {
    const client = await server.chat();
    expect(await client.joins("hanna", password)).toBe(
      "Welcome hanna\n\tBe kind.\n\tType disconnect to leave.",
    );
  });

  test("brings an RSA key of 2048 bits with the exponent 65537", async () => {
    const client = await server.chat();
    expect(await client.tries("ida", password)).toBe("OK");
    await client.plain();
    client.showKey();
    const pem = (await client.plain()) ?? "";
    expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    expect(createPublicKey(pem).asymmetricKeyDetails).toEqual({
      modulusLength: 2_048,
      publicExponent: 65_537n,
    });
  });

  test.each([
    ["no key", () => "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"],
    ["a key with which nothing can be encrypted", uselessKey],
  ])("is over if the client shows %s, and the server goes on", async (_, shown) => {
    const [client, other] = [await server.chat(), await inRoom("jette")];
    expect(await client.tries("jakob", password)).toBe("OK");
    await client.plain();
    client.sendPlain(shown());
    expect(await client.plain()).toBe(null);
    other.says("still here");
    const next = await inRoom("jonas");
    next.says("me too");
    await other.hears("jonas: me too\n");
  });

  test("may be done anew: from then on the client is told by its new key", async () => {
    const [karl, lena] = [await inRoom("karl"), await inRoom("lena")];
    await karl.hears("lena: [ CONNECTED ]");
    karl.keys = newKeys();
    karl.showKey();
    karl.says("new key");
    await lena.hears("karl: new key\n");
    lena.says("got it");
    expect(await karl.secure()).toBe("lena: got it\n");
  });
});

describe("in the room", () => {
  test("everybody hears who comes and leaves, each by its own key, and a line goes to all but its sender", async () => {
    const mona = await inRoom("mona");
    const nils = await inRoom("nils");
    const frame = await mona.frame((header) => Buffer.from(header, "base64").toString());
    expect(frame?.header).toBe(`MzQ0${" ".repeat(60)}`);
    expect(frame?.body).toHaveLength(344);
    nils.says("hello, all");
    expect(await mona.secure()).toBe("nils: hello, all\n");
    mona.says("hello, nils");
    // The first line that nils hears is not its own.
    expect(await nils.secure()).toBe("mona: hello, nils\n");
    nils.says("disconnect");
    expect(await mona.secure()).toBe("nils: [ DISCONNECTED ]");
    expect(await isClosed(nils)).toBe(true);
    const otto = await inRoom("otto");
    await mona.hears("otto: [ CONNECTED ]");
    otto.stream.end();
    expect(await mona.secure()).toBe("otto: [ DISCONNECTED ]");
  });

  test("clients of all protocols hear each other", async () => {
    const paul = await inRoom("paul");
    const quinn = await server.native("Quinn");
    expect(await quinn.enterRoom("tavern")).toMatchObject({ ok: true });
    expect([...quinn.actors.values()].map(({ name }) => name)).toContain("paul");
    await paul.hears("Quinn: [ CONNECTED ]");
    const rosa = await server.line();
    await rosa.comesFirst("Rosa", password);
    rosa.types("room tavern");
    await rosa.reads("of tavern");
    await paul.hears("Rosa: [ CONNECTED ]");
    const heard: string[] = [];
    quinn.on((event) => event.type === "actor.said" && heard.push(`${event.name}: ${event.text}`));
    await quinn.say("from native");
    await rosa.reads("Quinn: from native");
    rosa.types("say from line");
    paul.says("from chat");
    await paul.hears("Quinn: from native\n");
    await paul.hears("Rosa: from line\n");
    await rosa.reads("paul: from chat");
    await until(() => heard.length === 3, { what: "three lines" });
    expect(heard.sort()).toEqual(["Quinn: from native", "Rosa: from line", "paul: from chat"]);
    await quinn.leave();
    await paul.hears("Quinn: [ DISCONNECTED ]");
  });

  test("a Ragnarok client with a character in the room hears, and is heard", async () => {
    const [tove, siri] = [await inRoom("tove"), await inRoom("siri")];
    siri.says("disconnect");
    await tove.hears("siri: [ DISCONNECTED ]");
    const ragnarok = await server.ragnarok("siri", password);
    await tove.hears("siri: [ CONNECTED ]");
    tove.says("hello from chat");
    const heard = () =>
      ragnarok.journal.packets("ZC_NOTIFY_CHAT").find(({ text }) => text.includes("tove : hello from chat"));
    await ragnarok.journal.until(heard, { what: "the line", withinMs: 10_000 });
    await ragnarok.say("hello from Ragnarok");
    await tove.hears("siri: hello from Ragnarok\n");
    await ragnarok.quit();
    await tove.hears("siri: [ DISCONNECTED ]");
  });

  test("a line of another that is too long for a frame comes in parts", async () => {
    const sven = await inRoom("sven");
    const tom = await server.native("Tom_Long");
    await tom.enterRoom("tavern");
    await sven.hears("Tom_Long: [ CONNECTED ]");
    await tom.say("ä".repeat(200));
    const parts = [await sven.secure(), await sven.secure(), await sven.secure()];
    expect(parts.map((part) => part?.slice("Tom_Long: ".length, -1)).join("")).toBe("ä".repeat(200));
  });

  test("a frame that somebody else repeats is said under the name of that one", async () => {
    const [uwe, vito, wanda] = [await inRoom("uwe"), await inRoom("vito"), await inRoom("wanda")];
    for (const each of [uwe, vito]) await each.hears("wanda: [ CONNECTED ]");
    const frame = vito.secureFrame("mine\n");
    vito.stream.send(frame);
    expect(await uwe.secure()).toBe("vito: mine\n");
    wanda.stream.send(frame);
    expect(await uwe.secure()).toBe("wanda: mine\n");
  });

  test("an empty line and control characters reach nobody as they are", async () => {
    const [ulla, vera] = [await inRoom("ulla"), await inRoom("vera")];
    await ulla.hears("vera: [ CONNECTED ]");
    vera.says("");
    vera.says(" \t ");
    vera.says("a\u0007b");
    expect(await ulla.secure()).toBe("vera: a\ufffdb\n");
  });
});

describe("bad input", () => {
  test.each([
    ["a header that is no number", (client: ChatClient) => client.stream.send(Buffer.alloc(64, "x"))],
    ["a frame that is too long", (client: ChatClient) => client.stream.send(Buffer.from("9000".padEnd(64)))],
    [
      "a secure frame for another key",
      (client: ChatClient) => {
        client.serverKey = newKeys().publicKey;
        client.says("who reads this?");
      },
    ],
    ["a plain frame in the room", (client: ChatClient) => client.sendPlain("hello")],
    ["a useless key in the room", (client: ChatClient) => client.sendPlain(uselessKey())],
  ])("%s ends that connection alone", async (_, sends) => {
    const [bad, good] = [await inRoom("willi"), await inRoom("xenia")];
    sends(bad);
    expect(await isClosed(bad)).toBe(true);
    await good.hears("willi: [ DISCONNECTED ]");
  });

  test.each([
    ["its name", async () => {}],
    ["its password", async (client: ChatClient) => client.sendPlain("zara")],
    ["its key", async (client: ChatClient) => expect(await client.tries("zara", password)).toBe("OK")],
  ])(
    "a secure frame in place of %s ends that connection alone, although its sender knows the key",
    async (_, comes) => {
      const [good, client] = [await inRoom("yara"), await server.chat()];
      client.serverKey = good.serverKey;
      await comes(client);
      client.says("let me in");
      expect(await isClosed(client)).toBe(true);
      await server.process.untilSays(/"why":"sent nonsense: .*came before the key of this server/);
      good.says("still here");
      await inRoom("zoe");
      await good.hears("zoe: [ CONNECTED ]");
    },
  );

  test("a frame may come byte by byte", async () => {
    const client = await server.chat();
    for (const byte of Buffer.concat([plainFrame("yann"), plainFrame(password)]))
      client.stream.send(Buffer.from([byte]));
    expect(await client.plain()).toBe("OK");
  });
});

test("no password is in the log, at any level", () => {
  expect(server.process.output).toContain('"dialect":"chat"');
  expect(server.process.output).not.toContain(password);
});
