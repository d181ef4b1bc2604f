import type { WhoisAnswer } from "@sallyport/operator";
import { type SallyportProcess, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { enter, select, walkEast } from "./player.ts";
import { startProcess } from "./server-process.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";

/* What an operator changes by commands, while the players of it play. */

let cluster: SmallCluster;
beforeEach(async () => {
  cluster = await SmallCluster.open();
});
afterEach(() => cluster.close());

/** Runs commands against the admin port of this server. */
function commandsFor(server: SallyportProcess, settings: Readonly<Record<string, string>> = {}) {
  return async (...args: readonly string[]) => {
    const at = { ADMIN_PORT: String(await portAfter(server, "admin")) };
    const ran = startProcess(args, { ...at, ...settings });
    return { code: await ran.untilEnded(), said: ran.output };
  };
}

test("a character that plays is renamed and moved after its player was saved and has left", async () => {
  const { char, client } = await cluster.start();
  const command = commandsFor(char);
  const game = await enter(client);
  const { x, y } = await walkEast(game, 2);
  expect(await command("character", "rename", "walker", "Wilma", "--as", "nobody")).toMatchObject({
    code: 2,
  });
  const renamed = await command("character", "rename", "walker", "Wilma");
  expect(renamed).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^Character #\d+ is called Wilma now/),
  });
  await game.closed;
  const atSelect = await select(client);
  expect(atSelect.characters).toMatchObject([{ name: "Wilma", position: { x, y } }]);
  atSelect.leave();

  const before = await command("character", "move", "Wilma", "harbour", "5", "6");
  expect(before).toMatchObject({ code: 0, said: expect.stringContaining("is on harbour now") });
  const refused = await command("character", "move", "Wilma", "nowhere", "5", "6");
  expect(refused).toMatchObject({
    code: 1,
    said: expect.stringContaining("no linked map-server has this map"),
  });
  const unsure = await command("character", "delete", "Wilma");
  expect(unsure).toMatchObject({ code: 2, said: expect.stringContaining("--yes") });
  expect(await command("character", "delete", "Wilma", "--yes")).toMatchObject({ code: 0 });
  expect((await command("character", "show", "Wilma")).code).toBe(1);
  const rows = [
    /character rename +walker .*outcome done/,
    /character move +walker .*outcome done/,
    /character delete +walker .*outcome done/,
  ];
  const isNoted = async () => {
    const { said } = await command("log", "walker");
    return rows.every((row) => row.test(said));
  };
  await until(isNoted, { what: "the trail has all changes" });
});

test("an account that plays is released, and then deleted with all that is stored about its owner", async () => {
  const { char, client } = await cluster.start();
  const command = commandsFor(char);
  const game = await enter(client);
  const said: unknown[] = [];
  game.on((event) => void said.push(event));
  expect(await command("announce", "soon")).toMatchObject({ code: 0 });
  await until(() => said.some((event) => JSON.stringify(event).includes("soon")), { what: "it is shown" });
  expect(await command("release", "walker")).toMatchObject({ code: 0 });
  await game.closed;
  expect((await command("whois", "walker")).said).toContain("It can log in now.");
  const again = await enter(client);
  const { accounts } = JSON.parse((await command("whois", "walker", "--json")).said) as WhoisAnswer;
  expect(await command("account", "delete", "walker", "--yes")).toMatchObject({ code: 0 });
  await again.closed;
  const login = await client.logIn({ name: "walker", password: "correct horse" });
  expect(login).toMatchObject({ ok: false, refusal: "wrong-name-or-password" });
  expect((await command("whois", "walker")).code).toBe(1);
  const isNoted = async () =>
    /account delete/.test((await command("log", `#${accounts[0]?.accountId}`)).said);
  await until(isNoted, { what: "the trail keeps the id" });
});

test("an account gets a role and asks with it, and bans a player, who has to leave and is told why", async () => {
  const { login, client, newClient } = await cluster.start();
  const command = commandsFor(login);
  const game = await enter(client);
  (await select(newClient(), "gareth")).leave();
  const asGareth = commandsFor(login, { ADMIN_PASSWORD: "correct horse" });
  const early = await asGareth("account", "show", "walker", "--as", "gareth");
  expect(early).toMatchObject({ code: 1, said: expect.stringContaining("has no role that may ask") });
  expect(await command("account", "role", "gareth", "gamemaster")).toMatchObject({ code: 0 });
  const shown = await asGareth("account", "show", "walker", "--as", "gareth");
  expect(shown).toMatchObject({ code: 0, said: expect.stringMatching(/^role +player$/m) });
  const beyond = await asGareth("account", "role", "gareth", "administrator", "--as", "gareth");
  expect(beyond).toMatchObject({ code: 1, said: expect.stringContaining("only the role administrator") });

  const ban = ["account", "ban", "walker", "--until", "2d", "--reason", "spam", "--as", "gareth"];
  expect(await asGareth(...ban)).toMatchObject({ code: 0 });
  expect(await game.closed).toMatchObject({ reason: "banned" });
  const account = { name: "walker", password: "correct horse" };
  expect(await client.logIn(account)).toMatchObject({ ok: false, refusal: "banned", detail: "spam" });
  expect((await command("ban", "list")).said).toMatch(/^walker +#\d+ .* gareth +spam$/m);
  const who = await command("whois", "walker");
  expect(who.said).toMatch(/It is banned until .* by gareth: logins are refused as banned\..*told: spam/);
  const refusals = /The last refused logins: banned from 127\.0\.0\.1/;
  const isRefusalNoted = async () => refusals.test((await command("whois", "walker")).said);
  await until(isRefusalNoted, { what: "the trail has the refusal" });
  expect(await command("account", "unban", "walker")).toMatchObject({ code: 0 });
  const again = await enter(client);

  const ofLoopback = ["ban", "network", "127.0.0.0/8", "--until", "1h", "--json"];
  expect(await command(...ofLoopback)).toMatchObject({ code: 2, said: expect.stringContaining("force") });
  const network = await command(...ofLoopback, "--force");
  expect(network.code).toBe(0);
  const { banId } = JSON.parse(network.said) as { banId: number };
  expect(await again.closed).toMatchObject({ reason: "banned" });
  expect((await command("ban", "list")).said).toMatch(new RegExp(`#${banId} +127\\.0\\.0\\.0/8 `));
  const met = await command("whois", "walker");
  expect(met.said).toMatch(/^It cannot log in from where it last did/);
  expect(met.said).toContain(`To lift the ban of 127.0.0.0/8: sallyport ban lift ${banId}`);
  expect(await command("ban", "lift", String(banId))).toMatchObject({ code: 0 });
  expect(await command("ban", "lift", String(banId))).toMatchObject({ code: 1 });
  const last = await until(() => enter(client).catch(() => null), { what: "it can log in again" });

  expect(await command("kick", "walker", "--reason", "afk")).toMatchObject({ code: 0 });
  expect(await last.closed).toMatchObject({ reason: "kicked" });
  const rows = [
    /kick +walker +127\.0\.0\.1 +\(token\) +afk/,
    /put-out +walker +- +- +kicked/,
    /account ban +walker +127\.0\.0\.1 +gareth +spam/,
    /put-out +walker +- +- +banned/,
  ];
  const isNoted = async () => {
    const { said } = await command("log", "walker");
    return rows.every((row) => row.test(said));
  };
  await until(isNoted, { what: "the trail has who did what, and why" });
});

test("a new password of an operator ends the login that plays, and the old password", async () => {
  const { login, client } = await cluster.start();
  const game = await enter(client);
  const at = { ADMIN_PORT: String(await portAfter(login, "admin")) };
  const changed = startProcess(["account", "passwd", "walker", "--end-logins"], at, {
    input: "better horses\n",
  });
  expect(await changed.untilEnded()).toBe(0);
  expect(await game.closed).toMatchObject({ reason: "credential-changed" });
  const wrong = await client.logIn({ name: "walker", password: "correct horse" });
  expect(wrong).toMatchObject({ ok: false, refusal: "wrong-name-or-password" });
  const right = await until(
    async () => {
      const answer = await client.logIn({ name: "walker", password: "better horses" });
      return answer.ok ? answer : null;
    },
    { what: "the new password logs in" },
  );
  expect(right.value.worlds).toHaveLength(1);
  const made = startProcess(["account", "create", "eve", "--email", "eve@example.org"], at, {
    input: "eve's secret\n",
  });
  expect(await made.untilEnded()).toBe(0);
  expect(await client.logIn({ name: "eve@example.org", password: "eve's secret" })).toMatchObject({
    ok: true,
  });

  const command = commandsFor(login);
  const moved = await command("account", "email", "eve", "Eve@Example.com");
  expect(moved.code).toBe(0);
  const byNew = await client.logIn({ name: "eve@example.com", password: "eve's secret" });
  expect(byNew).toMatchObject({ ok: true });
  let exported = "";
  const hasBothLogins = async () => {
    exported = (await command("account", "export", "eve")).said;
    return JSON.parse(exported).logins.length === 2;
  };
  await until(hasBothLogins, { what: "the trail has both logins" });
  expect(JSON.parse(exported)).toMatchObject({
    account: { name: "eve", email: "Eve@example.com" },
    characters: [],
    logins: [{ address: "127.0.0.1" }, { address: "127.0.0.1" }],
  });
  expect(exported).not.toMatch(/salt|stored_key/);
  expect((await command("invite", "--uses", "2", "--until", "7d")).said).toMatch(
    /^([0-9A-F]{5}-){3}[0-9A-F]{5}\n$/,
  );
});
