import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { openHttp } from "../src/process/open-http.ts";

const answerBytes = 64 << 20;

test("a client that takes no byte of its answer is disconnected", async () => {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const opened = await openHttp(
    { variable: "RESOURCE_HTTP_PORT", host: "127.0.0.1", port: 0, tls: null },
    (_request, response) => {
      response.once("close", end);
      response.end(Buffer.alloc(answerBytes));
    },
    { connectionsMax: 10, requestMs: 60_000, silenceMs: 200 },
  );
  const socket = connect(opened.address.port, opened.address.host);
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nhost: sallyport\r\n\r\n");
  // Nobody reads from the socket until the server has ended the answer, so most of it is never sent.
  await ended;
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(socket, "close");
  expect(bytes).toBeLessThan(answerBytes);
  await opened.stop();
});
