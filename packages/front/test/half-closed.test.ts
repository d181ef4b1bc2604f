import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { connect, type Socket } from "node:net";
import { CharId } from "@sallyport/domain";
import { listenTcp, type TcpListener } from "@sallyport/link/tcp";
import { until } from "@sallyport/testkit";
import { afterEach, expect, test } from "vitest";
import { chatProtocol } from "../src/index.ts";
import { lineProtocol } from "../src/protocols/line/index.ts";
import { PlayedDoor } from "./played.ts";
import { ada } from "./slime-played.ts";

/* People who pipe their lines into `nc`: it says that it sends nothing more, and reads on. */

let listener: TcpListener | null = null;
let socket: Socket | null = null;
afterEach(async () => {
  socket?.destroy();
  await listener?.stop();
});

interface Piped {
  readonly door: PlayedDoor;
  readonly read: () => string;
  readonly hasEnded: () => boolean;
}

const pipes = (text: string): Promise<Piped> =>
  connects(PlayedDoor.of(lineProtocol), (socket) => void socket.end(text));

async function connects(door: PlayedDoor, begin: (socket: Socket) => void): Promise<Piped> {
  listener = await listenTcp({ host: "127.0.0.1", port: 0 }, (channel) => door.accept(channel));
  let read = "";
  let hasEnded = false;
  const piped = connect({ ...listener.address, allowHalfOpen: true }, () => begin(piped));
  piped.on("data", (chunk) => {
    read += chunk.toString();
  });
  piped.on("end", () => {
    hasEnded = true;
  });
  socket = piped;
  return { door, read: () => read, hasEnded: () => hasEnded };
}

const asks = ({ door: { servers } }: Piped, count: number) =>
  until(() => servers.asked.length === count, { what: `request ${count} to the servers` });
const reads = (piped: Piped, text: string) =>
  until(() => piped.read().includes(text), { what: `the person to read ${text}` });

/** Lets the time of the front pass until the connection ends. */
const endsInTime = ({ door: { clock }, hasEnded }: Piped) =>
  until(
    async () => {
      await clock.advance(1_000);
      return hasEnded();
    },
    { what: "the connection to end" },
  );

const world = { name: "Alpha", host: "h", port: 1, players: 0, wsUrl: null };
const character = { charId: CharId(7), slot: 0, name: "Ada", position: { map: "harbour", x: 1, y: 1 } };

test("all lines of a person who sends nothing more are carried out and answered before the end", async () => {
  const piped = await pipes("ada\nsecret1\n1\nlook\nsay hello\n");
  const { servers } = piped.door;
  await asks(piped, 1);
  await servers.answer({ type: "done", of: "log-in", worlds: [world] });
  await asks(piped, 2);
  await servers.answer({ type: "done", of: "enter-world", characters: [character], slotCount: 3 });
  await asks(piped, 3);
  servers.scene = ada;
  await servers.answer({ type: "done", of: "choose" });
  await reads(piped, "Ada is at 5,3 of ");
  await asks(piped, 4);
  expect(servers.asked.at(-1)).toEqual({ type: "say", text: "hello" });
  await servers.answer({ type: "done", of: "say" });
  servers.events?.heard({ type: "announced", text: "Good evening.", from: null });
  await reads(piped, "*** Good evening.");
  expect(servers.hasEnded).toBe(false);
  await endsInTime(piped);
  expect(servers.hasEnded).toBe(true);
});

test("a person who sends nothing more waits ten seconds for the servers, and then leaves", async () => {
  const piped = await pipes("ada\nsecret1\n");
  await asks(piped, 1);
  await endsInTime(piped);
  expect(piped.door.clock.nowMs()).toBeGreaterThanOrEqual(10_000);
  expect(piped.door.servers.hasEnded).toBe(true);
});

test("a person who quits does not wait for the end", async () => {
  const piped = await pipes("quit\n");
  await until(piped.hasEnded, { what: "the connection to end" });
  expect(piped.read()).toContain("Goodbye.");
});

test("all lines of a chat client that sends nothing more, and is not in the room yet, are said", async () => {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const pem = keys.publicKey.export({ type: "spki", format: "pem" }).toString();
  const plain = (text: string): string => `${String(text.length).padEnd(64)}${text}`;
  const secure = (text: string): string => {
    const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    return `${"MzQ0".padEnd(64)}${publicEncrypt({ key: keys.publicKey, ...oaep }, Buffer.from(text)).toString("base64")}`;
  };
  const rules = { room: "tavern", world: null, greeting: "Hi.", disconnect: "disconnect" };
  const door = PlayedDoor.of(chatProtocol({ keys, ...rules, credentialMs: 60_000, clientsMax: 5 }));
  const piped = await connects(door, (opened) => void opened.write(plain("ada") + plain("secret1")));
  const { servers } = door;
  await asks(piped, 1);
  await servers.answer({ type: "done", of: "log-in", worlds: [world] });
  await asks(piped, 2);
  await servers.answer({ type: "done", of: "enter-world", characters: [character], slotCount: 3 });
  socket?.write(plain(pem));
  await asks(piped, 3);
  socket?.end(secure("one\n") + secure("two\n"));
  await until(() => socket?.writableFinished === true, { what: "the end of what the client sends" });
  await servers.answer({ type: "done", of: "choose" });
  await asks(piped, 4);
  await servers.answer({ type: "done", of: "enter-room" });
  await asks(piped, 5);
  await servers.answer({ type: "done", of: "say" });
  await asks(piped, 6);
  expect(servers.asked.slice(4)).toEqual(["one", "two"].map((text) => ({ type: "say", text })));
  expect(servers.hasEnded).toBe(false);
  await servers.answer({ type: "done", of: "say" });
  // The others see at once that it has left.
  expect(servers.hasEnded).toBe(true);
});
