import { once } from "node:events";
import type http from "node:http";
import { connect, type Socket } from "node:net";
import { until } from "@sallyport/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { type HttpBounds, type OpenHttp, openHttp } from "../src/process/open-http.ts";

const answerBytes = 64 << 20;
const bounds: HttpBounds = { connectionsMax: 10, requestMs: 60_000, silenceMs: 60_000 };
const get = "GET / HTTP/1.1\r\nhost: sallyport\r\n\r\n";

let opened: OpenHttp | null = null;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await opened?.stop();
  opened = null;
});

async function serve(answer: http.RequestListener, some: Partial<HttpBounds> = {}): Promise<OpenHttp> {
  const place = { variable: "RESOURCE_HTTP_PORT", host: "127.0.0.1", port: 0, tls: null };
  opened = await openHttp(place, answer, { ...bounds, ...some });
  return opened;
}

async function open({ address: { host, port } }: OpenHttp, localAddress?: string): Promise<Socket> {
  const socket = connect({ host, port, ...(localAddress !== undefined && { localAddress }) });
  sockets.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

test("a client that takes no byte of its answer is disconnected", async () => {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const socket = await open(
    await serve(
      (_request, response) => {
        response.once("close", end);
        response.end(Buffer.alloc(answerBytes));
      },
      { silenceMs: 200 },
    ),
  );
  socket.write(get);
  // Nobody reads from the socket until the server has ended the answer, so most of it is never sent.
  await ended;
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(socket, "close");
  expect(bytes).toBeLessThan(answerBytes);
});

describe("a body that comes after the answer", () => {
  const part = Buffer.alloc(65_536, "x");
  const asChunk = Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]);

  test.each([
    ["GET", "content-length: 99999999999", part],
    ["POST", "content-length: 99999999999", part],
    ["POST", "transfer-encoding: chunked", asChunk],
  ])("of %s with %s ends the connection, and nearly nothing of it is read", async (method, field, more) => {
    let taken: Socket | null = null;
    const socket = await open(
      await serve((request, response) => {
        taken = request.socket;
        response.end("no");
      }),
    );
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    const send = (): void => {
      while (socket.writable && socket.write(more));
    };
    socket.on("drain", send);
    socket.write(`${method} / HTTP/1.1\r\nhost: sallyport\r\n${field}\r\n\r\n`);
    send();
    // The connection may end in a reset.
    await new Promise((resolve) => socket.once("close", resolve));
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\n\r\nno$/s);
    expect((taken as Socket | null)?.bytesRead).toBeLessThan(16 << 20);
  });

  test("is taken in if it has the length of a request, and the next request is answered", async () => {
    const socket = await open(await serve((_request, response) => void response.end("no")));
    let answers = "";
    socket.on("data", (chunk: Buffer) => {
      answers += chunk.toString();
    });
    const answered = (count: number): Promise<void> =>
      until(() => answers.split("HTTP/1.1 200").length > count, { what: "an answer" }).then(() => {});
    socket.write(`POST / HTTP/1.1\r\nhost: sallyport\r\ncontent-length: ${part.length}\r\n\r\n`);
    await answered(1);
    socket.write(part);
    socket.write(get);
    await answered(2);
  });
});

// Other systems have only one address on loopback.
test.runIf(process.platform === "linux")(
  "an address with many connections closes none of another one",
  async () => {
    const server = await serve((_request, response) => void response.end("yes"), { connectionsMax: 4 });
    const first = await open(server, "127.0.0.2");
    const many: Socket[] = [];
    for (let nth = 0; nth < 20; nth += 1) many.push(await open(server, "127.0.0.3"));
    const isOpen = (socket: Socket): boolean => !socket.closed;
    await until(() => many.filter(isOpen).length === 3, { what: "only the newest are open" });
    expect(many.slice(-3).every(isOpen)).toBe(true);
    first.write(get);
    const [answer] = (await once(first, "data")) as [Buffer];
    expect(answer.toString()).toContain("yes");
  },
);
