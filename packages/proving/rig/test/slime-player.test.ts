import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { rc4, str, u16 } from "@sallyport/foreign-clients";
import { describeRefusal } from "@sallyport/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answer, Visitor } from "../src/players/player.ts";
import { slimePlayers } from "../src/players/slime-player.ts";

/** Answers everything with these words in SERVER_CLOSE, or with nothing, and ends the connection. */
let server: Server;
let words: string | null;
beforeEach(async () => {
  server = createServer((socket) => {
    socket.once("data", () => socket.end(words === null ? Buffer.alloc(0) : serverClose(words)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => void server.close());

function serverClose(text: string): Buffer {
  const payload = rc4("t54gz65u74njb6zg6", Buffer.concat([u16(24), str(text)]));
  return Buffer.concat([u16(payload.length), payload]);
}

const visitor = (): Visitor =>
  ({
    account: { login: "ada", password: "secret1", character: "ada" },
    entrance: { login: { host: "127.0.0.1", port: (server.address() as AddressInfo).port } },
    answerMs: 60_000,
    ask: (_call, asked) => asked,
  }) as Partial<Visitor> as Visitor;

async function refusalOf(asked: Promise<Answer>): Promise<string> {
  const answer = await asked;
  return answer.ok ? "ok" : answer.refusal;
}

describe.each([
  ["registration", slimePlayers.register],
  ["login", slimePlayers.enter],
] as const)("a %s of a slime client that gets no answer", (_, asks) => {
  test.each(["busy", "unavailable"] as const)(
    "is refused as busy, if the server says that it is: %s",
    async (why) => {
      words = describeRefusal(why);
      expect(slimePlayers.busyWords).toContain(await refusalOf(asks(visitor())));
    },
  );

  test("is refused with any other words of the server, and then no server is busy", async () => {
    words = describeRefusal("map-unavailable");
    const refusal = await refusalOf(asks(visitor()));
    expect(refusal).toBe(words);
    expect(slimePlayers.busyWords).not.toContain(refusal);
  });

  test("is lost if the server says nothing, and then no server is busy", async () => {
    words = null;
    const refusal = await refusalOf(asks(visitor()));
    expect(refusal).toBe("disconnected");
    expect(slimePlayers.busyWords).not.toContain(refusal);
  });
});
