import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAccountStore, openDatabase } from "@sallyport/database";
import type { LocksAnswer, ServersAnswer, TrailAnswer, WhoisAnswer } from "@sallyport/operator";
import { type SallyportProcess, testDatabase, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clientAt, enter } from "./player.ts";
import { startProcess } from "./server-process.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";

/** Runs a command. Returns its exit code and its output. */
async function command(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const ran = startProcess(args, settings);
  const code = await ran.untilEnded();
  return { code, said: ran.output };
}

async function askedOf<Answer>(
  server: SallyportProcess,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const at = { ADMIN_PORT: String(await portAfter(server, "admin")) };
  const { code, said } = await command([...args, "--json"], { ...at, ...settings });
  if (code !== 0 && !said.startsWith("{")) throw new Error(said);
  return JSON.parse(said) as Answer;
}

describe("a cluster on Redis and Postgres", () => {
  let cluster: SmallCluster;
  beforeEach(async () => {
    cluster = await SmallCluster.open();
  });
  afterEach(() => cluster.close());

  test("reports from any login-server or char-server which servers are up, and which owns which character", async () => {
    const { login, char, map, client } = await cluster.start();
    const game = await enter(client);
    for (const server of [login, char]) {
      const { servers } = await until(
        async () => {
          const answer = await askedOf<ServersAnswer>(server, ["servers"]);
          const isTold =
            answer.servers.every(({ condition }) => condition === "up") &&
            answer.servers.some(({ presence }) => presence?.kind === "map" && presence.players === 1);
          return isTold ? answer : null;
        },
        { what: "the player is reported" },
      );
      expect(servers).toMatchObject([
        { kind: "login", name: "login-1", condition: "up" },
        { kind: "char", name: "alpha", world: "Alpha", condition: "up" },
        { kind: "map", name: "map-1", world: "Alpha", condition: "up" },
      ]);
      const { locks, next } = await askedOf<LocksAnswer>(server, ["locks"]);
      expect(next).toBeNull();
      expect([...locks].sort((a, b) => (a.kind + a.server < b.kind + b.server ? -1 : 1))).toMatchObject([
        { kind: "account", state: "held", owner: "alpha", ownerState: "connected" },
        { kind: "character", world: "Alpha", state: "playing", owner: "map-1", ownerState: "connected" },
        { kind: "server", world: null, server: "alpha", state: "connected" },
        { kind: "server", world: "Alpha", server: "map-1", state: "connected" },
      ]);
    }
    const admin = `http://127.0.0.1:${await portAfter(char, "admin")}`;
    const shown = await command(["whois", "WALKER", "--admin", admin]);
    expect(shown.code).toBe(0);
    expect(shown.said).toContain(
      "It is in use. It can log in: the server disconnects the client that uses it now.",
    );
    expect(shown.said).toContain("Char-server alpha owns the account.");
    expect(shown.said).toMatch(/In Alpha, walker \(#\d+\) plays on map-server map-1\./);
    expect((await command(["servers", "--admin", admin])).said).toMatch(/map +map-1 +Alpha +up +1 of 5000/);
    const playing = await command(["locks", "--state", "playing", "--admin", admin]);
    expect(playing.said.trim().split("\n")).toHaveLength(2);
    expect(playing.said).toMatch(/character +Alpha +account #\d+, character #\d+ +playing +map-1/);

    map.signal("SIGKILL");
    await map.untilEnded();
    const told = await until(
      async () => {
        const answer = await askedOf<WhoisAnswer>(char, ["whois", "walker"]);
        return answer.accounts[0]?.locks.some(({ ownerState }) => ownerState === "away") ? answer : null;
      },
      { what: "the map-server is away" },
    );
    const [found] = told.accounts;
    expect(found?.says.join()).toMatch(/map-1 is away: its link dropped\. It has \d+ s left to come back/);
    expect(found?.todo).toHaveLength(1);
    expect(found?.locks.find(({ ownerState }) => ownerState === "away")?.ownerLeftMs).toBeGreaterThan(0);
    await game.leave();
  });

  test("reports a ban, and what happened to the account", async () => {
    const { login, client } = await cluster.start();
    await (await enter(client)).leave();
    const database = await openDatabase({ url: cluster.database.url });
    const untilMs = Date.parse("2999-12-31T00:00:00Z");
    const accounts = createAccountStore(database);
    const walker = await accounts.findByName("walker");
    if (walker !== null) await accounts.setBan({ ...walker, untilMs });
    await database.close();
    const { accounts: told } = await askedOf<WhoisAnswer>(login, ["whois", "walker"]);
    expect(told).toMatchObject([
      { name: "walker", verdict: "banned", bannedUntil: "2999-12-31T00:00:00.000Z" },
    ]);
    const { accountId } = told[0] ?? { accountId: 0 };
    const byId = await askedOf<WhoisAnswer>(login, ["whois", `#${accountId}`]);
    expect(byId.accounts).toMatchObject([{ name: "walker" }]);
    const wrong = await client.logIn({ name: "walker", password: "a wrong password" });
    expect(wrong).toMatchObject({ ok: false, refusal: "wrong-name-or-password" });
    const happened = await until(
      async () => {
        const { entries, logins } = await askedOf<TrailAnswer>(login, ["log", "WALKER"]);
        const words = entries.map(({ what, why }) => [what, why]);
        return words.length === 6 && logins[0]?.endedAt != null ? { words, entries } : null;
      },
      { what: "the trail has all of it" },
    );
    expect(happened.words).toEqual([
      ["login-refused", "wrong-name-or-password"],
      ["leave", null],
      ["play", null],
      ["enter-world", null],
      ["login", null],
      ["registered", null],
    ]);
    expect(happened.entries[4]).toMatchObject({ accountId, address: "127.0.0.1", dialect: "native" });
    const shown = await command(["log", "127.0.0.0/8"], {
      ADMIN_PORT: String(await portAfter(login, "admin")),
    });
    expect(shown.said).toMatch(/login-refused +#\d+ +127\.0\.0\.1/);
    const nobody = await command(["whois", "nobody"], {
      ADMIN_PORT: String(await portAfter(login, "admin")),
    });
    expect(nobody).toMatchObject({
      code: 1,
      said: expect.stringContaining("No account or character is named nobody"),
    });
  });

  test("is reported as unreachable, with the setting to check", async () => {
    const login = cluster.run("login");
    const map = cluster.run("map", { CHAR_LINK: "127.0.0.1:1" });
    const admin = { ADMIN_PORT: String(await portAfter(login, "admin")) };
    await login.untilSays(/login-server ready/);
    const stranger = await command(["servers"], { ...admin, SALLYPORT_DATA: "/nowhere" });
    expect(stranger).toMatchObject({ code: 1, said: expect.stringContaining("ADMIN_TOKEN_FILE") });
    const nobody = await command(["servers"], { ADMIN_PORT: "1" });
    expect(nobody).toMatchObject({
      code: 3,
      said: expect.stringContaining("no answer from http://127.0.0.1:1"),
    });
    await until(
      async () => {
        const ofMap = await command(["servers"], { ADMIN_PORT: String(await portAfter(map, "admin")) });
        return (
          ofMap.said.includes("this server does not read accounts: ask a login-server or char-server") &&
          ofMap.code === 1
        );
      },
      { what: "the map-server names the servers to ask" },
    );
    expect(await command(["locks", "--limit", "0"], admin)).toMatchObject({
      code: 2,
      said: expect.stringContaining("a whole number from 1 to 10000"),
    });
    expect((await command(["locks", "--after", "nonsense"], admin)).said).toContain("not what `next` was");
    cluster.redis.pause();
    expect(await command(["locks"], admin)).toMatchObject({
      code: 3,
      said: expect.stringContaining("Redis or Postgres does not answer"),
    });
  });
});

test("one process with memory stores reports the same about itself", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-operator-"));
  const data = { SALLYPORT_DATA: folder };
  const database = await testDatabase();
  const up = startProcess(["up"], {
    LOG_LEVEL: "info",
    DATABASE_URL: database.url,
    ...data,
    LOGIN_PORT: "0",
    CHAR_PORT: "0",
    MAP_PORT: "0",
    ADMIN_PORT: "0",
  });
  try {
    const [, loginPort] = await up.untilSays(/login 127\.0\.0\.1:(\d+)/);
    const game = await enter(clientAt(Number(loginPort)));
    const { accounts, unseen } = await askedOf<WhoisAnswer>(up, ["whois", "walker"], data);
    expect(unseen).toEqual([]);
    expect(accounts).toMatchObject([
      {
        verdict: "in-use",
        locks: [
          { kind: "account", state: "held" },
          { kind: "character", state: "playing" },
        ],
      },
    ]);
    const areUp = async () => {
      const { servers } = await askedOf<ServersAnswer>(up, ["servers"], data);
      return (
        servers.map(({ kind, condition }) => `${kind} ${condition}`).join() === "login up,char up,map up"
      );
    };
    await until(areUp, { what: "all three tell that they are up" });
    await game.leave();
  } finally {
    await up.kill();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
});
