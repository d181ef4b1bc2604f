import { createHash } from "node:crypto";
import { readEmail } from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import {
  createAccountAdmin,
  createMailTokenStore,
  createMemoryTrail,
  createNetworkBans,
  type NetworkBans,
} from "@sallyport/database";
import { RedisDirectory } from "@sallyport/directory";
import { type Kick, kickFor, type LoginTicket } from "@sallyport/domain";
import { memoryChannelPair } from "@sallyport/link";
import { type Client, createClient } from "@sallyport/sdk";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { BreakableLinks, isLinked } from "./cluster/breakable-links.ts";
import { play, rowOf, untilEnded, walk } from "./cluster/player.ts";
import { redisStores } from "./cluster/redis-stores.ts";
import { publishChar, type SecondLogin, startSecondLogin } from "./cluster/second-login.ts";
import { type TestAccount, type TestCluster } from "./cluster/test-cluster.ts";
import { beforeWarp, inForest, startTwoMaps } from "./cluster/two-maps.ts";

/*
 * Two login-servers and two map-servers, on Redis and Postgres. The world is linked to the first login-server,
 * and orders are given at the second one, or by nobody but Postgres.
 */

const untilMs = Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000;
const text = "for cheating";
/** The lock of a client that is put out is free after this time, whatever its owner does. */
const evictMs = 10_000;

let redis: RunningRedis;
let links: BreakableLinks;
let cluster: TestCluster;
let second: SecondLogin;
/** Of the second login-server. */
const trail = createMemoryTrail();
let bans: NetworkBans;
let withdraw: () => Promise<void>;
let directory: RedisDirectory;
/** The next client connects from this address. */
let address = "198.51.100.1";

beforeAll(async () => {
  redis = await startRedis();
  directory = new RedisDirectory({ url: redis.url, clock: systemClock, prefix: "orders:" });
  links = new BreakableLinks((names) => {
    const [from, to] = names;
    return memoryChannelPair([from === "client" ? `${address}:50000` : from, to]);
  });
  const stores = await redisStores(redis.url);
  cluster = await startTwoMaps({ stores, directory, pair: links.pair, timing: { evictMs } });
  withdraw = publishChar(cluster, directory);
  second = startSecondLogin(cluster, directory, { trail });
  bans = createNetworkBans(cluster.database);
});
afterEach(() => {
  address = "198.51.100.1";
});
afterAll(async () => {
  await second.stop();
  await withdraw();
  await cluster.stop();
  await directory.close();
  await redis.stop();
});

/** Plays on map-1 after a step, or on map-2 after a walk through the warp. What a kick says is kept. */
async function playsOn(map: "map-1" | "map-2", account: TestAccount) {
  const player = await play(cluster, account);
  const { game } = player;
  const told: Kick[] = [];
  game.on((event) => {
    if (event.type === "client.kicked") told.push(event);
  });
  if (map === "map-1") await walk(player, { x: -1 });
  else {
    must(await game.walk(beforeWarp.x, beforeWarp.y - 2));
    await until(() => game.position.map === inForest.map, { what: "the player is in the forest" });
  }
  return { ...player, told, ticket: player.client.ticket as LoginTicket };
}

const idOf = ({ ticket }: { ticket: LoginTicket }) => ticket.accountId;

let statements = 0;
async function sql(text: string, values: readonly unknown[]): Promise<void> {
  await cluster.database.query({ name: `test-${++statements}`, text }, [...values]);
}

const logInRaw = (client: Client, account: TestAccount) => client.logIn({ ...account, way: "raw" });

describe("a ban", () => {
  test("saves the player, tells it until when and why, and lets it back when it is lifted", async () => {
    const account = await cluster.account();
    const player = await playsOn("map-1", account);
    await cluster.accounts.setBan({ accountId: idOf(player), untilMs, reason: text, by: "ops" });
    second.server.orderGiven();
    expect(await untilEnded(player)).toBe("banned");
    expect(player.told).toMatchObject([{ reason: "banned", untilMs, text }]);
    await cluster.untilFree(player.ticket);
    const { x, y } = player.game.position;
    expect(await rowOf(cluster, player.game.charId)).toMatchObject({ map: "harbour", x, y });
    expect({ x, y }).toEqual({ x: beforeWarp.x - 1, y: beforeWarp.y });
    const refused = { ok: false, refusal: "banned", detail: text, retryAfterMs: expect.any(Number) };
    expect(await logInRaw(cluster.client(), account)).toMatchObject(refused);
    expect(await logInRaw(second.client(), account)).toMatchObject(refused);
    await cluster.accounts.setBan({ accountId: idOf(player), untilMs: null });
    const again = await play(cluster, account);
    must(await again.game.leave());
    await cluster.untilFree(player.ticket);
  });

  test("that somebody sets by SQL needs nobody to tell of it", async () => {
    const player = await playsOn("map-2", await cluster.account());
    await sql("UPDATE accounts SET banned_until = 'infinity' WHERE id = $1", [idOf(player)]);
    expect(await untilEnded(player)).toBe("banned");
    expect(player.told).toMatchObject([{ reason: "banned", untilMs: null, text: null }]);
    await cluster.untilFree(player.ticket);
  });

  test("takes the login ids of a client that has not shown them yet", async () => {
    const account = await cluster.account();
    const client = cluster.client();
    must(await logInRaw(client, account));
    const { accountId } = client.ticket as LoginTicket;
    await cluster.accounts.setBan({ accountId, untilMs: Number.POSITIVE_INFINITY });
    await cluster.untilFree({ accountId });
    expect(await client.enterWorld(cluster.charAddress)).toMatchObject({ refusal: "not-logged-in" });
  });

  test("bites while the world has no link to a login-server", async () => {
    const account = await cluster.account();
    const player = await playsOn("map-1", account);
    links.break("char-server");
    await cluster.accounts.setBan({ accountId: idOf(player), untilMs, reason: text });
    expect(await untilEnded(player)).toBe("banned");
    expect(player.told).toMatchObject([{ untilMs, text }]);
    const { x, y } = player.game.position;
    expect(await rowOf(cluster, player.game.charId)).toMatchObject({ map: "harbour", x, y });
    links.mend("char-server");
    await until(() => isLinked(cluster, "char-server"), { what: "the world is linked again" });
    await cluster.untilFree(player.ticket);
    expect(await logInRaw(second.client(), account)).toMatchObject({ refusal: "banned" });
  });

  test("that comes while a map-server is away is told to the player when it is back", async () => {
    const player = await playsOn("map-1", await cluster.account());
    links.break("map-1");
    await cluster.accounts.setBan({ accountId: idOf(player), untilMs, reason: text });
    const isEvicted = async () => (await cluster.characterLock(player.ticket))?.state === "evicting";
    await until(isEvicted, { what: "the character is evicted" });
    links.mend("map-1");
    expect(await untilEnded(player)).toBe("banned");
    expect(player.told).toMatchObject([{ untilMs, text }]);
    await cluster.untilFree(player.ticket);
    const { x, y } = player.game.position;
    expect(await rowOf(cluster, player.game.charId)).toMatchObject({ map: "harbour", x, y });
  });

  test("leaves a login alone that was admitted after it was lifted", async () => {
    const account = await cluster.account();
    const player = await playsOn("map-1", account);
    const found = await cluster.accounts.findByName(account.name);
    const fence = found?.fence;
    must(await player.game.leave());
    await cluster.untilFree(player.ticket);
    const newer = await play(cluster, account);
    const { accountId } = newer.client.ticket as LoginTicket;
    const late = await second.server.putOut(accountId, kickFor("banned"), fence);
    expect(late).toMatchObject({ refusal: "stale-fence" });
    must(await newer.game.leave());
    await cluster.untilFree({ accountId });
  });
});

test("an operator's kick reaches a player through a login-server without its link, and lets it back at once", async () => {
  const account = await cluster.account();
  const player = await playsOn("map-1", account);
  const kick: Kick = { reason: "kicked", untilMs: null, text: "take a break" };
  expect(await second.server.putOut(idOf(player), kick)).toMatchObject({ ok: true });
  expect(await untilEnded(player)).toBe("kicked");
  expect(player.told).toMatchObject([kick]);
  await cluster.untilFree(player.ticket);
  const again = await play(cluster, account);
  must(await again.game.leave());
  await cluster.untilFree(player.ticket);
});

describe("a new password", () => {
  const newPassword = "battery staple";
  const loginServers = [() => cluster.client(), () => second.client()];
  const idByName = async ({ name }: TestAccount) => {
    const found = await cluster.accounts.findByName(name);
    if (found === null) throw new Error(`no account ${name}`);
    return found.accountId;
  };

  /** Stores a code for the account, as a letter would have it. */
  async function codeFor(account: TestAccount): Promise<string> {
    const [accountId, email] = [await idByName(account), readEmail(`${account.name}@example.org`)];
    if (email === null) throw new Error("no address");
    must(await createAccountAdmin(cluster.database).setEmail({ accountId, email }));
    const code = `code of ${account.name}`;
    const tokenHash = createHash("sha256").update(code).digest();
    const token = { tokenHash, accountId, email, purpose: "reset", lifeMs: 60_000 } as const;
    must(await createMailTokenStore(cluster.database).add(token));
    return code;
  }

  /** The new password opens both. After a cut link, the second one lists the world a little later. */
  async function untilLoggedIn(account: TestAccount): Promise<void> {
    const changed = { ...account, password: newPassword };
    for (const client of loginServers)
      await until(async () => (await logInRaw(client(), changed)).ok, { what: "the new one logs in" });
  }

  const ways = {
    password: async (account: TestAccount, endOthers: boolean) =>
      must(await second.client().changePassword({ ...account, newPassword, endOthers })),
    code: async (account: TestAccount, endOthers: boolean) =>
      must(await second.client().resetPassword({ code: await codeFor(account), newPassword, endOthers })),
  };

  test.each(["password", "code"] as const)(
    "set by a %s ends remembered logins at both login-servers, and who plays plays on, although a link is cut",
    async (way) => {
      const account = await cluster.account();
      for (const client of loginServers) must(await logInRaw(client(), account));
      const player = await playsOn("map-2", account);
      links.break("char-server");
      await ways[way](account, false);
      for (const client of loginServers)
        expect(await logInRaw(client(), account)).toMatchObject({ refusal: "wrong-name-or-password" });
      await walk(player, { x: 1 });
      expect(player.ended()).toBeNull();
      links.mend("char-server");
      await until(() => isLinked(cluster, "char-server"), { what: "the world is linked again" });
      must(await player.game.leave());
      await cluster.untilFree(player.ticket);
      await untilLoggedIn(account);
      const { accountId } = player.ticket;
      const noted = { what: "password-changed", accountId, detail: { way } };
      const ofAccount = trail.entries.filter((each) => each.accountId === accountId);
      expect(ofAccount).toContainEqual(expect.objectContaining(noted));
    },
  );

  test.each(["password", "code"] as const)(
    "set by a %s so that others leave saves who plays and puts it out, as soon as a cut link is back",
    async (way) => {
      const account = await cluster.account();
      const player = await playsOn("map-1", account);
      links.break("char-server");
      await ways[way](account, true);
      await walk(player, { x: 1 });
      links.mend("char-server");
      expect(await untilEnded(player)).toBe("credential-changed");
      await cluster.untilFree(player.ticket);
      const { x, y } = player.game.position;
      expect(await rowOf(cluster, player.game.charId)).toMatchObject({ map: "harbour", x, y });
      expect(await player.client.enterWorld(cluster.charAddress)).toMatchObject({ refusal: "not-logged-in" });
      await untilLoggedIn(account);
    },
  );
});

test("the role of an account is told at its login", async () => {
  const account = await cluster.account();
  const { accountId } = (await cluster.accounts.findByName(account.name)) ?? {};
  expect(must(await logInRaw(cluster.client(), account)).role).toBe("player");
  if (accountId !== undefined) await cluster.accounts.setRole({ accountId, role: "gamemaster" });
  expect(must(await logInRaw(second.client(), account)).role).toBe("gamemaster");
});

describe("a ban of a network", () => {
  test("saves and puts out who plays from there, keeps everybody there from coming back, and spares all others", async () => {
    const elsewhere = await playsOn("map-1", await cluster.account());
    address = "203.0.113.7";
    const account = await cluster.account();
    const inside = await playsOn("map-1", account);
    const client = cluster.client();
    must(await logInRaw(client, await cluster.account()));
    const banned = { untilMs, reason: "a flood", by: "ops" };
    const { id } = must(await bans.add({ of: { network: "203.0.113.0/24" }, ...banned }));
    second.server.orderGiven();
    expect(await untilEnded(inside)).toBe("banned");
    expect(inside.told).toMatchObject([{ untilMs, text: "a flood" }]);
    await cluster.untilFree(inside.ticket);
    const { x, y } = inside.game.position;
    expect(await rowOf(cluster, inside.game.charId)).toMatchObject({ map: "harbour", x, y });
    const refused = { refusal: "address-banned", detail: "a flood", retryAfterMs: expect.any(Number) };
    expect(await logInRaw(cluster.client(), account)).toMatchObject(refused);
    // The login was right before the ban, but its client now comes to the next door from there.
    const select = await client.enterWorld(cluster.charAddress);
    expect(select).toMatchObject({ ...refused, refusal: "banned" });
    expect(elsewhere.ended()).toBeNull();
    must(await bans.lift(id));
    second.server.orderGiven();
    await until(async () => (await logInRaw(cluster.client(), account)).ok, { what: "the ban is lifted" });
    must(await elsewhere.game.leave());
  });

  test("of a device puts out its clients, and refuses the right password of an account that is not banned", async () => {
    const account = await cluster.account();
    const of = { connect: cluster.connect, login: cluster.loginAddress, deviceId: "mac-00-11" };
    const client = createClient(of);
    must(await logInRaw(client, account));
    const select = must(await client.enterWorld(cluster.charAddress));
    const { id } = must(await bans.add({ of: { device: "mac-00-11" }, untilMs: Number.POSITIVE_INFINITY }));
    second.server.orderGiven();
    expect((await select.closed).reason).toBe("banned");
    expect(await logInRaw(createClient(of), account)).toMatchObject({ refusal: "device-banned" });
    expect(await logInRaw(cluster.client(), account)).toMatchObject({ ok: true });
    must(await bans.lift(id));
  });
});
