import { afterEach, expect, test } from "vitest";
import { WholeServer } from "./whole-server.ts";

const password = "secret1";
let server: WholeServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

test("a stop is told to everybody, and every character is saved where it was", async () => {
  server = await WholeServer.start();
  const chat = await server.chat();
  await chat.joins("alice", password);
  const line = await server.line();
  await line.comesFirst("Bob", password);
  line.types("walk 41 28");
  await line.reads("You are at 41,28.");
  server.process.signal("SIGTERM");
  expect(await chat.secure()).toBe("SERVER: [ ALERT ] Server shutting down...");
  await line.reads("The server is stopping.");
  await Promise.all([chat.stream.closed, line.stream.closed]);
  expect(await server.process.untilEnded()).toBe(0);
  expect(server.process.output).not.toContain("did not stop in time");
});
