import type { ByteChannel } from "@sallyport/link";
import { listenTcp, type TcpListener } from "@sallyport/link/tcp";
import { afterEach, expect, test } from "vitest";
import { linkToOneOf } from "../src/index.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Opens listeners, and records which of them got a connection. */
class Doors {
  readonly reached: string[] = [];

  async listen(name: string): Promise<TcpListener> {
    const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, (channel) => {
      this.reached.push(name);
      channel.destroy();
    });
    open.push(() => listener.stop());
    return listener;
  }
}

async function reach(connect: () => Promise<ByteChannel>): Promise<void> {
  const channel = await connect();
  // The listener records its name before it closes the connection.
  await new Promise<void>((resolve) => channel.listen({ bytes() {}, closed: () => resolve() }));
}

const numbersOnly = async (host: string): Promise<readonly string[]> => [host];

test("each attempt starts with the server after the last one, in a circle", async () => {
  const doors = new Doors();
  const listed = [await doors.listen("a"), await doors.listen("b"), await doors.listen("c")];
  const connect = linkToOneOf(
    listed.map(({ address }) => address),
    null,
  );
  for (let attempt = 0; attempt < 4; attempt += 1) await reach(connect);
  expect(doors.reached).toEqual(["a", "b", "c", "a"]);
});

test("a server that does not answer is skipped in the same attempt", async () => {
  const doors = new Doors();
  const gone = await doors.listen("gone");
  const listed = [gone, await doors.listen("b")].map(({ address }) => address);
  await gone.stop();
  const connect = linkToOneOf(listed, null, numbersOnly);
  await reach(connect);
  await reach(connect);
  expect(doors.reached).toEqual(["b", "b"]);
});

test("when no server answers, the error names each, and a name without an address", async () => {
  const doors = new Doors();
  const gone = await doors.listen("gone");
  await gone.stop();
  const connect = linkToOneOf([{ host: "nobody", port: 7101 }, gone.address], null, async (host) => {
    if (host === "nobody") throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
    return [host];
  });
  await expect(connect()).rejects.toThrow(`nobody: ENOTFOUND; 127.0.0.1:${gone.address.port}: ECONNREFUSED`);
});

test("a name stands for all its current addresses", async () => {
  const doors = new Doors();
  const { port } = (await doors.listen("there")).address;
  let answers = ["127.0.0.2"];
  const asked: string[] = [];
  const connect = linkToOneOf([{ host: "login.internal", port }], null, async (host) => {
    asked.push(host);
    return answers;
  });
  await expect(connect()).rejects.toThrow(`127.0.0.2:${port}: ECONNREFUSED`);
  answers = ["127.0.0.2", "127.0.0.1"];
  await reach(connect);
  expect([asked, doors.reached]).toEqual([["login.internal", "login.internal"], ["there"]]);
});
