import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { play, ticketOf, walk } from "../cluster/player.ts";
import { spawn, type TestAccount, TestCluster } from "../cluster/test-cluster.ts";

/* Counts the statements in Postgres during whole visits, from the login until the client has left the map. */

const clients = 16;
const visitsEach = 4;

let cluster: TestCluster;
let statements: string[];
beforeAll(async () => {
  const around = <T>(what: string, run: () => Promise<T>): Promise<T> => {
    if (/^(account|character)-/.test(what)) statements.push(what);
    return run();
  };
  statements = [];
  cluster = await TestCluster.start({ around });
});
afterAll(() => cluster.stop());

/** The character takes a step, so that it has to be saved. */
async function visit(account: TestAccount): Promise<void> {
  const player = await play(cluster, account);
  await walk(player, { x: player.game.position.x === spawn.x ? 1 : -1 });
  must(await player.game.leave());
  await cluster.untilFree(ticketOf(player));
}

test("a client that is alone costs six statements", async () => {
  const account = await cluster.account();
  await until(() => statements.filter((name) => name === "account-note-login").length === 1, {
    what: "its login is recorded",
  });
  statements = [];
  await visit(account);
  const asked = ["account-find-by-name", "account-raise-fence", "account-note-login"];
  const inWorld = ["character-list", "character-take", "character-save-many"];
  expect([...statements].sort()).toEqual([...asked, ...inWorld].sort());
});

test("sixteen clients at once cost at most four statements a visit each", async () => {
  const accounts: TestAccount[] = [];
  for (let nth = 0; nth < clients; nth += 1) accounts.push(await cluster.account());
  statements = [];
  await Promise.all(
    accounts.map(async (account) => {
      for (let nth = 0; nth < visitsEach; nth += 1) await visit(account);
    }),
  );
  const visits = clients * visitsEach;
  expect(statements.length / visits).toBeLessThanOrEqual(4);
  // On a busy machine, two statements for one account may overlap. The later one then skips its row, and the
  // call is carried out alone.
  expect(statements.filter((name) => name.endsWith("-alone")).length).toBeLessThan(visits / 4);
});
