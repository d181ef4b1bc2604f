import type { Role } from "@sallyport/domain";
import type { GamemasterOrder } from "@sallyport/sdk";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BreakableLinks, untilBack } from "./cluster/breakable-links.ts";
import { type Player, play, rowOf, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import type { TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { beforeWarp, inForest, startTwoMaps } from "./cluster/two-maps.ts";

/* Gamemasters and operators, with a map-server for the harbour and another one for the forest. */

let redis: RunningRedis;
let cluster: TestCluster;
const links = new BreakableLinks();
beforeAll(async () => {
  redis = await startRedis();
  cluster = await startTwoMaps({
    stores: await redisStores(redis.url),
    pair: links.pair,
    secondLogin: "takeover",
  });
});
afterAll(async () => {
  await cluster?.stop();
  await redis?.stop();
});

interface Known extends Player {
  readonly account: TestAccount;
  readonly heard: string[];
}

async function comes(account?: TestAccount): Promise<Known> {
  const known = account ?? (await cluster.account());
  const player = await play(cluster, known);
  const heard: string[] = [];
  player.game.on((event) => {
    if (event.type === "announced") heard.push(`${event.from ?? "nobody"}: ${event.text}`);
  });
  return { ...player, account: known, heard };
}

/** As an operator would, and not through a server. */
async function giveRole({ account }: Known, role: Role): Promise<void> {
  await cluster.database.query(
    { name: "test-give-role", text: "UPDATE accounts SET role = $2 WHERE name = $1" },
    [account.name, role],
  );
}

async function gamemaster(): Promise<Known> {
  const player = await comes();
  await giveRole(player, "gamemaster");
  // The first order shows that the role counts without another login.
  const hi = { order: "announce-map", text: "hi" } as const;
  await until(async () => (await player.game.order(hi)).ok, { what: "the role counts" });
  return player;
}

async function stepsIntoForest({ game }: Player): Promise<void> {
  const { hops } = game;
  must(await game.walk(beforeWarp.x, 1));
  await until(() => game.hops > hops, { what: `${game.name} is in the forest` });
}

const refusalOf = async ({ game }: Player, order: GamemasterOrder) => {
  const answer = await game.order(order);
  return answer.ok ? null : answer.refusal;
};
const isOn = ({ game }: Player, map: string) =>
  until(() => game.position.map === map, { what: `${game.name} is on ${map}` });

describe("a gamemaster", () => {
  test("announces to one map or to the world, also on the other map-server", async () => {
    const [master, near, far] = [await gamemaster(), await comes(), await comes()];
    await stepsIntoForest(far);
    must(await master.game.order({ order: "announce-map", text: "here" }));
    must(await master.game.order({ order: "announce-world", text: "everywhere" }));
    const { name } = master.game;
    const [here, everywhere] = [`${name}: here`, `${name}: everywhere`];
    await until(() => far.heard.length > 0 && near.heard.length > 1, { what: "all hear it" });
    expect([near.heard.slice(-2), far.heard]).toEqual([[here, everywhere], [everywhere]]);
    expect(await refusalOf(master, { order: "announce-all", text: "too far" })).toBe("not-allowed");
  });

  test("goes to a player on the other map-server, and brings others there", async () => {
    const [master, near, far] = [await gamemaster(), await comes(), await comes()];
    await stepsIntoForest(far);
    must(await master.game.order({ order: "go-to", player: far.game.name.toUpperCase() }));
    await isOn(master, "forest");
    expect(master.game.position).toEqual(far.game.position);
    await until(async () => (await refusalOf(master, { order: "summon", player: near.game.name })) === null, {
      what: "the gamemaster has arrived",
    });
    await isOn(near, "forest");
    await walk(near, { x: 1 });
  });

  test("mutes an account, wherever it plays, and lets it speak again", async () => {
    const [master, far] = [await gamemaster(), await comes()];
    await stepsIntoForest(far);
    const mute = (minutes: number) => master.game.order({ order: "mute", player: far.game.name, minutes });
    must(await mute(5));
    await until(async () => !(await far.game.say("hi")).ok, { what: "the player is muted" });
    expect(await far.game.say("hi")).toMatchObject({ refusal: "muted", retryAfterMs: expect.any(Number) });
    // The mute is of the account. So it holds after another login.
    must(await far.game.leave());
    await cluster.untilFree(ticketOf(far));
    const again = await comes(far.account);
    expect(await again.game.say("hi")).toMatchObject({ refusal: "muted" });
    must(await mute(0));
    await until(async () => (await again.game.say("hi")).ok, { what: "the player may speak" });
  });

  test("kicks a player on the other map-server, which is saved, told why, and can come back", async () => {
    const [master, far] = [await gamemaster(), await comes()];
    await stepsIntoForest(far);
    await walk(far, { x: 1 });
    let told: unknown;
    far.game.on((event) => {
      if (event.type === "client.kicked") told = event;
    });
    must(await master.game.order({ order: "kick", player: far.game.name, text: "Enough." }));
    expect(await untilEnded(far)).toBe("kicked");
    expect(told).toMatchObject({ reason: "kicked", text: "Enough.", untilMs: null });
    await cluster.untilFree(ticketOf(far));
    expect(await rowOf(cluster, far.game.charId)).toMatchObject({ ...inForest, x: inForest.x + 1 });
    const none = await refusalOf(master, { order: "kick", player: far.game.name, text: "" });
    expect(none).toBe("no-such-player");
    await comes(far.account);
  });

  test("loses its rights with its role, and never has any over an administrator", async () => {
    const [master, admin] = [await gamemaster(), await comes()];
    await giveRole(admin, "administrator");
    const kick = { order: "kick", player: admin.game.name, text: "" } as const;
    expect(await refusalOf(master, kick)).toBe("not-allowed");
    const all = { order: "announce-all", text: "all" } as const;
    await until(async () => (await refusalOf(admin, all)) === null, { what: "the administrator is heard" });
    await until(() => master.heard.includes(`${admin.game.name}: all`), { what: "all worlds hear it" });
    await giveRole(master, "player");
    const hi = { order: "announce-map", text: "hi" } as const;
    await until(async () => (await refusalOf(master, hi)) === "not-allowed", { what: "the role is gone" });
  });

  test("is refused while a link is cut, and obeyed when it is back", async () => {
    const [master, far] = [await gamemaster(), await comes()];
    await stepsIntoForest(far);
    links.break("map-2");
    const summon = { order: "summon", player: far.game.name } as const;
    await until(async () => (await refusalOf(master, summon)) === "unavailable", { what: "it is refused" });
    expect(far.ended()).toBeNull();
    links.mend("map-2");
    await untilBack(cluster, links, "map-2");
    await until(async () => (await refusalOf(master, summon)) === null, { what: "it is obeyed" });
    await isOn(far, "harbour");
  });
});

describe("a character that plays", () => {
  test("is saved and put out before an operator renames it, also if the link is cut in between", async () => {
    const player = await comes();
    await stepsIntoForest(player);
    await walk(player, { x: 1 });
    const { name, charId } = player.game;
    links.break("char-server");
    const cut = await cluster.char.changes.rename(name, `${name}_new`);
    expect(cut).toMatchObject({ refusal: "unavailable" });
    expect(player.ended()).toBeNull();
    links.mend("char-server");
    await untilBack(cluster, links, "char-server");

    must(await cluster.char.changes.rename(name, `${name}_new`));
    expect(await untilEnded(player)).toBe("kicked");
    expect(await rowOf(cluster, charId)).toMatchObject({ ...inForest, x: inForest.x + 1 });
    await cluster.untilFree(ticketOf(player));
    const again = await comes(player.account);
    expect(again.game.name).toBe(`${name}_new`);
    expect(again.game.position).toEqual({ ...inForest, x: inForest.x + 1 });
  });

  test("is where an operator moved it when it comes back, and is gone after it was deleted", async () => {
    const player = await comes();
    const { name, charId } = player.game;
    must(await cluster.char.changes.move(name, inForest));
    await untilEnded(player);
    await cluster.untilFree(ticketOf(player));
    const again = await comes(player.account);
    expect(again.game.position).toEqual(inForest);
    must(await cluster.char.changes.delete(name));
    await untilEnded(again);
    await cluster.untilFree(ticketOf(again));
    await expect(rowOf(cluster, charId)).rejects.toThrow(`${charId}`);
  });
});
