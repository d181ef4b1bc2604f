import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rc4, SlimeClient, str, u16 } from "../src/index.ts";

/** Answers everything with SERVER_CLOSE, and ends the connection. */
let server: Server;
beforeEach(async () => {
  const payload = rc4("t54gz65u74njb6zg6", Buffer.concat([u16(24), str("Too many\u001b[2J today.")]));
  server = createServer((socket) => {
    socket.once("data", () => socket.end(Buffer.concat([u16(payload.length), payload])));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => void server.close());

test.each([
  ["REGISTER", (client: SlimeClient) => client.registers("ada", "secret1")],
  ["LOGIN", (client: SlimeClient) => client.logsIn("ada", "secret1")],
])("%s that is answered by SERVER_CLOSE has no result, and a person reads the reason", async (_, ask) => {
  const client = await SlimeClient.connect({
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
  });
  expect(await ask(client)).toBeNull();
  expect(client.farewell).toBe("Too many\u001b[2J today.");
  expect(client.notAnswered().message).toBe("The server: Too many·[2J today.");
  client.stream.destroy();
});
