import { must } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { choose, play, untilEnded } from "../cluster/player.ts";
import { spawn } from "../cluster/test-cluster.ts";
import { expectType, RagnarokCluster, untilSentAway } from "./ragnarok-cluster.ts";

/* Two clients want one account. The newer client gets it, in any dialect. */

const loggedInElsewhere = 2;

let ragnarok: RagnarokCluster;
beforeAll(async () => {
  ragnarok = await RagnarokCluster.start({ secondLogin: "by-dialect" });
});
afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
afterAll(() => ragnarok.stop());

test.each([1, 2, 3])("a Ragnarok client on the map leaves for a newer one, time %i", async () => {
  const account = await ragnarok.cluster.account();
  const older = await ragnarok.enter(ragnarok.client(account));
  const to = { x: spawn.x - 3, y: spawn.y };
  await ragnarok.walkTo(older, to);
  const newer = await ragnarok.enter(ragnarok.client(account));
  expect(await untilSentAway(older)).toBe(loggedInElsewhere);
  expect(newer.place).toEqual({ ...spawn, ...to });
  await newer.say("mine");
  expect(ragnarok.cluster.mapServer().playerCount).toBe(1);
});

test("a Ragnarok client at character select leaves for a newer one", async () => {
  const account = await ragnarok.cluster.account();
  const older = ragnarok.client(account);
  await older.login();
  await older.enterChar();
  const newer = await ragnarok.enter(ragnarok.client(account));
  expect(await untilSentAway(older)).toBe(loggedInElsewhere);
  await newer.say("mine");
});

test("a Ragnarok client that was only logged in has invalid ids after a newer login", async () => {
  const account = await ragnarok.cluster.account();
  const older = ragnarok.client(account);
  await older.login();
  const newer = await ragnarok.enter(ragnarok.client(account));
  expect(await older.enterChar()).toEqual({ type: "HC_REFUSE_ENTER", code: 0 });
  await newer.say("mine");
});

test("a Ragnarok client on its way to the map is not admitted after a newer login", async () => {
  const account = await ragnarok.cluster.account();
  const older = ragnarok.client(account);
  await older.login();
  await older.enterChar();
  expectType(await older.select(0), "HC_NOTIFY_ZONESVR");
  const newer = await ragnarok.enter(ragnarok.client(account));
  expect(await older.enterMap()).toEqual({ type: "ZC_REFUSE_ENTER", code: 1 });
  await newer.say("mine");
});

test("a Ragnarok client on the map leaves for a native one", async () => {
  const account = await ragnarok.cluster.account();
  const older = await ragnarok.enter(ragnarok.client(account));
  const newer = await play(ragnarok.cluster, account);
  expect(await untilSentAway(older)).toBe(loggedInElsewhere);
  must(await newer.game.say("mine"));
  must(await newer.game.leave());
});

test("a Ragnarok client at character select leaves for a native one", async () => {
  const account = await ragnarok.cluster.account();
  const older = ragnarok.client(account);
  await older.login();
  await older.enterChar();
  const newer = await play(ragnarok.cluster, account);
  expect(await untilSentAway(older)).toBe(loggedInElsewhere);
  must(await newer.game.leave());
});

test.each(["on the map", "at character select"])(
  "a native client %s leaves for a Ragnarok one",
  async (where) => {
    const account = await ragnarok.cluster.account();
    const older = await (where === "on the map" ? play : choose)(ragnarok.cluster, account);
    const newer = await ragnarok.enter(ragnarok.client(account));
    expect(await untilEnded(older)).toBe("logged-in-elsewhere");
    await newer.say("mine");
  },
);

test("of many logins at once, one is left, and no account is stuck", async () => {
  const account = await ragnarok.cluster.account();
  const clients = Array.from({ length: 6 }, () => ragnarok.client(account));
  await Promise.allSettled(clients.map((client) => ragnarok.enter(client)));
  const last = await ragnarok.enter(ragnarok.client(account));
  await last.say("mine");
  expect(ragnarok.cluster.mapServer().playerCount).toBe(1);
  await last.quit();
  await ragnarok.untilFree(last);
});
