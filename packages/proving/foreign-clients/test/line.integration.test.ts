import { query, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { LineClient } from "../src/index.ts";
import { WholeServer } from "./whole-server.ts";

/* A person with nothing but lines of text, in the sample world. */

const password = "secret1";
let database: TestDatabase;
let server: WholeServer;
beforeAll(async () => {
  const game = new URL("../../../sample-world/src/game.ts", import.meta.url).pathname;
  database = await testDatabase();
  const settings = { GAME: game, WORLD_SPAWN: "harbour:43,34" };
  server = await WholeServer.start({ ...settings, DATABASE_URL: database.url });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});
afterEach(() => server.leaveAll());

async function playing(name: string): Promise<LineClient> {
  const person = await server.line();
  await person.comesFirst(name, password);
  return person;
}

describe("a person on the line port", () => {
  test("is told what is wrong until name and password are right, and comes back to the same character", async () => {
    const first = await playing("Ada");
    first.types("quit");
    await first.reads("Goodbye.");
    await first.stream.closed;
    const again = await server.line();
    for (const line of ["Ada", "not the password", "Ada", password]) again.types(line);
    await again.reads("The name or the password is wrong.");
    await again.reads(/1 {2}Ada, in harbour/);
    again.types("1");
    await again.reads("You are in harbour.");
  });

  test("chooses and makes characters, goes back to them, and is told why one cannot be made", async () => {
    const person = await playing("Bea");
    person.types("characters");
    await person.reads(/1 {2}Bea, in harbour/);
    person.types("create Bea");
    await person.reads("Somebody has this name already");
    person.types("create Bea_Two");
    await person.reads(/2 {2}Bea_Two, in harbour/);
    person.types("2");
    await person.reads("You are in harbour.");
    person.types("who");
    await person.reads("Here: Bea_Two");
  });

  test("looks, walks and is told when it is there, and hears that there is no way", async () => {
    const person = await playing("Cleo");
    person.types("look");
    await person.reads("Cleo is at 43,34 of harbour.");
    await person.reads("Mara (npc) at 44,33");
    person.types("w 3");
    await person.reads("You are at 40,34.");
    person.types("walk 0 0");
    await person.reads("There is no way to get there.");
  });

  test("talks to somebody, and chooses an answer", async () => {
    const person = await playing("Dan");
    person.types("talk mara");
    await person.reads("Mara: Hello Dan.");
    await person.reads(/1 {2}Yes, gladly\./);
    person.types("1");
    await person.reads("Mara: Thank you!");
    person.types("talk nobody");
    await person.reads("Nothing of that name is here.");
  });

  test("sees others come and go, and hears them and is heard, in any alphabet", async () => {
    const eva = await playing("Eva");
    const finn = await playing("Finn");
    await eva.reads("Finn is here.");
    finn.types("say Grüße, 世界!");
    await eva.reads("Finn: Grüße, 世界!");
    eva.types("'hello");
    await finn.reads("Eva: hello");
    finn.types("quit");
    await eva.reads("Finn is gone.");
  });

  test("who speaks telnet is not shown the password that it types", async () => {
    const person = await server.line();
    person.stream.send(Buffer.from([0xff, 0xfd, 0x03]));
    await person.reads("Name:");
    person.types("Gus");
    await person.reads("Password:");
    await person.stream.until(() => person.stream.unread.includes(Buffer.from([0xff, 0xfb, 0x01])));
    person.types(password);
    await person.reads("The name or the password is wrong.");
    expect(person.stream.unread.includes(Buffer.from([0xff, 0xfc, 0x01]))).toBe(true);
  });

  test("a person whose line is too long is told the bound, and plays on", async () => {
    const [hal, good] = [await playing("Hal"), await playing("Ina")];
    hal.types(`say ${"x".repeat(5_000)}`);
    await hal.reads("A line has at most 1024 bytes. Yours was left out.");
    hal.types("say I am still here.");
    await good.reads("Hal: I am still here.");
    expect(good.text).not.toContain("Hal: x");
  });

  test("reads what to type, and what is unknown", async () => {
    const person = await playing("Jan");
    person.types("dance");
    await person.reads('What is "dance"? Type help.');
    person.types("help");
    await person.reads("walk X Y");
    expect(person.text).toContain("say TEXT");
  });
});

// This test is the last one, because it ends the server.
test("a stop is told to everybody, and every character is saved where it was", async () => {
  const chat = await server.chat();
  await chat.joins("alice", password);
  const line = await playing("Bob");
  line.types("walk 41 34");
  await line.reads("You are at 41,34.");
  server.process.signal("SIGTERM");
  expect(await chat.secure()).toBe("SERVER: [ ALERT ] Server shutting down...");
  await line.reads("The server is stopping.");
  await Promise.all([chat.stream.closed, line.stream.closed]);
  expect(await server.process.untilEnded()).toBe(0);
  expect(server.process.output).not.toContain("did not stop in time");
  const saved = "SELECT name, map, x, y FROM characters WHERE name IN ('alice', 'Bob') ORDER BY id";
  expect((await query(database.url, saved)).rows).toMatchObject([
    { name: "alice", map: "tavern" },
    { name: "Bob", map: "harbour", x: 41, y: 34 },
  ]);
});
