import { fileURLToPath } from "node:url";
import { type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WholeServer } from "./whole-server.ts";

/* What became of the statistics of seed 001 and of its console line `audit`. */

let server: WholeServer;
let database: TestDatabase;
beforeAll(async () => {
  const game = fileURLToPath(new URL("../../../sample-world/src/game.ts", import.meta.url));
  database = await testDatabase();
  server = await WholeServer.start({ DATABASE_URL: database.url, GAME: game });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

test("log-ons and log-offs are counted with their addresses, and lines with the character", async () => {
  for (const [nth, address] of ["127.0.0.41", "127.0.0.42"].entries()) {
    const client = await server.chat(address);
    await client.joins("audited", "secret1");
    if (nth === 0) for (const line of ["one", "two", "three"]) client.says(line);
    client.says("disconnect");
    await client.stream.closed;
  }
  const asked = async () =>
    (await server.command("log", "audited")) as {
      readonly counts: readonly { readonly logOns: number; readonly logOffs: number }[];
      readonly logins: readonly { readonly address: string }[];
    };
  // The trail is written in batches.
  const { counts, logins } = await until(
    async () => {
      const answer = await asked();
      return answer.counts[0]?.logOffs === 2 ? answer : null;
    },
    { what: "both log-offs are in the trail" },
  );
  expect(counts).toMatchObject([{ logOns: 2, logOffs: 2 }]);
  expect(logins.map(({ address }) => address)).toEqual(["127.0.0.42", "127.0.0.41"]);
  expect(await server.command("character", "show", "audited")).toMatchObject({
    characters: [{ name: "audited", attributes: { lines: 3 } }],
  });
});
