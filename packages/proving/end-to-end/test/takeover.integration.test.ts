import { must, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountFenceOf, ticketOf } from "./cluster/player.ts";
import { spawn, type TestAccount, TestCluster } from "./cluster/test-cluster.ts";

/*
 * With `takeover`, a login whose account is in use waits until the older client has left, and then continues.
 */

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start({ secondLogin: "takeover" });
});
afterAll(() => cluster.stop());

async function atCharSelect(account: TestAccount) {
  const client = cluster.client();
  must(await client.logIn({ ...account, way: "raw" }));
  const select = must(await client.enterWorld(cluster.charAddress));
  const [character] = select.characters;
  if (character === undefined) throw new Error("no character");
  return { client, select, charId: character.charId };
}

async function inWorld(account: TestAccount) {
  const { client, select, charId } = await atCharSelect(account);
  return { client, game: must(await select.choose(charId)) };
}

async function leaves(game: Awaited<ReturnType<typeof inWorld>>["game"], client: { ticket: unknown }) {
  must(await game.leave());
  await cluster.untilFree(client.ticket as never);
}

describe("the newest login wins at its first attempt, and the older client is told, while the older one is", () => {
  test("at character select", async () => {
    const account = await cluster.account();
    const older = await atCharSelect(account);
    const newer = await inWorld(account);
    expect((await older.select.closed).reason).toBe("logged-in-elsewhere");
    await leaves(newer.game, newer.client);
  });

  test("chosen, and on its way to the map-server", async () => {
    const account = await cluster.account();
    const older = await atCharSelect(account);
    const handedOver = must(await older.select.handOver(older.charId));
    const newer = await inWorld(account);
    expect(await older.client.enterMap(handedOver)).toMatchObject({ refusal: "not-expected" });
    await leaves(newer.game, newer.client);
  });

  test("handing over", async () => {
    const account = await cluster.account();
    const older = await atCharSelect(account);
    const choosing = older.select.choose(older.charId);
    const newer = await inWorld(account);
    const chosen = await choosing;
    if (chosen.ok) expect((await chosen.value.closed).reason).toBe("logged-in-elsewhere");
    await leaves(newer.game, newer.client);
  });

  test("playing, and the newer one finds the older one's changes", async () => {
    const account = await cluster.account();
    const older = await inWorld(account);
    must(await older.game.walk(spawn.x + 3, spawn.y));
    await until(() => older.game.position.x === spawn.x + 3, { what: "the walk to end" });
    const newer = await inWorld(account);
    expect((await older.game.closed).reason).toBe("logged-in-elsewhere");
    expect(newer.game.position).toEqual({ ...spawn, x: spawn.x + 3 });
    await leaves(newer.game, newer.client);
  });

  test("on its way back to character select", async () => {
    const account = await cluster.account();
    const older = await inWorld(account);
    must(await older.game.leave("char-select"));
    const newer = await inWorld(account);
    expect(await older.client.enterWorld(cluster.charAddress)).toMatchObject({ refusal: "not-logged-in" });
    await leaves(newer.game, newer.client);
  });
});

test("of a hundred logins at once for an account in use, the last one is in the world and all others were told", async () => {
  const account = await cluster.account();
  const bystander = await inWorld(await cluster.account());
  const older = await inWorld(account);
  const clients = Array.from({ length: 100 }, () => cluster.client());
  const answers = await Promise.all(clients.map((client) => client.logIn({ ...account, way: "raw" })));
  const granted = clients.filter((_, index) => answers[index]?.ok);
  expect(granted.length).toBeGreaterThan(0);
  for (const answer of answers) {
    if (!answer.ok) expect(["overtaken", "already-online"]).toContain(answer.refusal);
  }
  expect((await older.game.closed).reason).toBe("logged-in-elsewhere");

  // Clients whose ids became invalid by a newer login are told at the next door.
  const entries = await Promise.all(granted.map((client) => client.enterWorld(cluster.charAddress)));
  const inside = entries.filter((entry) => entry.ok);
  expect(inside).toHaveLength(1);
  expect(await cluster.accountLock(ticketOf(older))).toMatchObject({
    state: "held",
    fence: await accountFenceOf(cluster, account.name),
  });
  for (const entry of entries) if (!entry.ok) expect(entry.refusal).toBe("not-logged-in");
  const [entry] = inside;
  const select = must(entry ?? { ok: false, refusal: "nobody" });
  const game = must(await select.choose(select.characters[0]?.charId as never));
  expect(bystander.game.isOpen).toBe(true);
  must(await bystander.game.walk(spawn.x, spawn.y + 1));
  must(await game.leave());
  must(await bystander.game.leave());
});

test("an owner that does not leave in time loses the account, and the newer login continues", async () => {
  const impatient = await TestCluster.start({ secondLogin: "takeover", timing: { evictMs: 300 } });
  const account = await impatient.account();
  const older = impatient.client();
  must(await older.logIn({ ...account, way: "raw" }));
  const select = must(await older.enterWorld(impatient.charAddress));
  must(await select.choose(select.characters[0]?.charId as never));
  // A killed map-server cannot save or release. Its char-server counts it as linked until the timers end.
  impatient.kill({ map: "map-1" });
  const newer = impatient.client();
  must(await newer.logIn({ ...account, way: "raw" }));
  const again = must(await newer.enterWorld(impatient.charAddress));
  // The map of the character has no host until a map-server is started again.
  const charId = again.characters[0]?.charId as never;
  expect(await again.choose(charId)).toMatchObject({ refusal: "map-unavailable" });
  await impatient.startMap("map-1");
  const game = must(await again.choose(charId));
  must(await game.leave());
  await impatient.stop();
});
