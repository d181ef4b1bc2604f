import type { LoginTicket } from "@sallyport/domain";
import { CharConnection, createClient, LoginConnection, MapConnection } from "@sallyport/sdk";
import { must } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MemoryCluster } from "../cluster/memory-cluster.ts";
import { LiveObjects } from "./live-objects.ts";

/*
 * An action that is done two thousand times leaves no more behind than one done a hundred times. A round that
 * leaves one object, one timer or one entry would leave almost twice as many as are allowed.
 */

const few = 100;
const many = 2_000;
const slack = 1_000;

const live = new LiveObjects();
let cluster: MemoryCluster;
beforeAll(async () => {
  cluster = await live.watch(async () => {
    const made = new MemoryCluster();
    await made.start();
    return made;
  });
});
afterAll(async () => {
  await cluster.stop();
  expect(cluster.bugs).toEqual([]);
});

const password = "correct horse";

async function newcomer(name: string) {
  const client = createClient({ ...cluster.connection, login: cluster.address.login });
  must(await client.register({ name, password, sex: "female" }));
  return client;
}

async function leavesNothing(round: (nth: number) => Promise<unknown>): Promise<void> {
  const repeat = async (count: number) => {
    await live.watch(async () => {
      for (let nth = 0; nth < count; nth += 1) await round(nth);
    });
    await cluster.clock.advance(2_000);
    return { ...(await live.count()), timers: cluster.clock.timerCount };
  };
  const before = await repeat(few);
  const after = await repeat(many);
  expect(after.objects - before.objects).toBeLessThan(slack);
  expect(after.entries - before.entries).toBeLessThan(slack);
  expect(after.timers - before.timers).toBeLessThan(slack / 10);
}

test("each command at the login door leaves nothing behind on a connection that stays open", async () => {
  await newcomer("at_login");
  const connection = must(await LoginConnection.reach(cluster.address.login, cluster.connection));
  await leavesNothing(async (nth) => {
    const account = { name: "at_login", password };
    expect(await connection.ask({ type: "login.password", ...account })).toMatchObject({ ok: true });
    must(await connection.ask({ type: "login.salt", name: `nobody_${nth}` }));
    const shown = { proof: new Uint8Array(32), clientNonce: new Uint8Array(32) };
    const proven = await connection.ask({ type: "login.prove", name: `nobody_${nth}`, ...shown });
    expect(proven).toMatchObject({ refusal: "wrong-name-or-password" });
    const registered = await connection.ask({
      type: "login.register",
      ...account,
      sex: "male",
      email: null,
      invitation: null,
    });
    expect(registered).toMatchObject({ refusal: "name-taken" });
  });
  connection.close();
});

test("each command at the char door leaves nothing behind on a connection that stays open", async () => {
  const client = await newcomer("at_char");
  must(await client.logIn({ name: "at_char", password, way: "raw" }));
  const ids = client.ticket as LoginTicket;
  const connection = must(await CharConnection.reach(cluster.address.char, cluster.connection));
  must(await connection.ask({ type: "char.enter", ...ids }));
  await leavesNothing(async () => {
    expect(await connection.ask({ type: "char.enter", ...ids })).toMatchObject({ refusal: "out-of-order" });
    const { charId } = must(await connection.ask({ type: "char.create", slot: 0, name: "Today" }));
    must(await connection.ask({ type: "char.delete", charId }));
    const chosen = await connection.ask({ type: "char.choose", charId });
    expect(chosen).toMatchObject({ refusal: "no-such-character" });
  });
  connection.close();
});

test("each command at the map door leaves nothing behind on a connection that stays open", async () => {
  const client = await newcomer("at_map");
  must(await client.logIn({ name: "at_map", password, way: "raw" }));
  const select = must(await client.enterWorld(cluster.address.char));
  const { charId } = must(await select.create({ slot: 0, name: "Walker" }));
  must(await select.handOver(charId));
  const { accountId, loginId1, sex } = client.ticket as LoginTicket;
  const ids = { accountId, charId, loginId1, sex };
  const connection = must(await MapConnection.reach(cluster.address.map, cluster.connection));
  must(await connection.ask({ type: "map.enter", ...ids }));
  await leavesNothing(async (nth) => {
    must(await connection.ask({ type: "map.walk", x: 2 + (nth % 3), y: 4 }));
    must(await connection.ask({ type: "map.say", text: "hello" }));
    const saved = await connection.ask({ type: "map.save" });
    expect(saved.ok || saved.refusal).toBeOneOf([true, "too-many"]);
    expect(await connection.ask({ type: "map.enter", ...ids })).toMatchObject({ refusal: "out-of-order" });
  });
  connection.close();
});

test("a visit from login to leaving leaves nothing behind", async () => {
  const client = await newcomer("traveller");
  must(await client.logIn({ name: "traveller", password, way: "raw" }));
  const first = must(await client.enterWorld(cluster.address.char));
  const { charId } = must(await first.create({ slot: 0, name: "Traveller" }));
  first.leave();
  await leavesNothing(async () => {
    must(await client.logIn({ name: "traveller", password, way: "raw" }));
    const select = must(await client.enterWorld(cluster.address.char));
    const game = must(await select.choose(charId));
    must(await game.leave());
  });
});
