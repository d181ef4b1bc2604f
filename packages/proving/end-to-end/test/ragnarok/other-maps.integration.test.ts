import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { RagnarokCluster } from "./ragnarok-cluster.ts";

/* The harbour's northern gate leads to the forest. */

const beforeWarp = { map: "harbour", x: 41, y: 4 };
const onWarp = { x: 41, y: 1 };
const inForest = { map: "forest", x: 41, y: 60 };

describe("a map of the same map-server", () => {
  let ragnarok: RagnarokCluster;
  beforeAll(async () => {
    ragnarok = await RagnarokCluster.start({ spawn: beforeWarp });
  });
  afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
  afterAll(() => ragnarok.stop());

  test("is entered on the same connection, and earlier actors are forgotten", async () => {
    const stays = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    const goes = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    await goes.until("both are there", () => goes.units.size === 1);
    const id = goes.ids?.accountId ?? 0;
    await stays.until("both are there", () => stays.units.has(id));
    await ragnarok.walkAway(goes, onWarp, "forest");
    expect(goes.place).toEqual(inForest);
    await goes.time();
    expect(goes.units.size).toBe(0);
    await stays.until("one is gone", () => !stays.units.has(id));
    expect(goes.journal.entries.filter(({ kind }) => kind === "opened")).toHaveLength(3);

    await ragnarok.walkAway(stays, onWarp, "forest");
    await goes.until("both are here", () => goes.units.size === 1);
    await stays.until("both are here", () => stays.units.has(id));
    await goes.say("here we are");
    const heard = () => stays.journal.packets("ZC_NOTIFY_CHAT");
    await stays.until("heard", () => heard().length > 0);
    expect(heard()).toMatchObject([{ id }]);
  });

  test("is where the character comes back to", async () => {
    const account = await ragnarok.cluster.account();
    const client = await ragnarok.enter(ragnarok.client(account));
    await ragnarok.walkAway(client, onWarp, "forest");
    await client.leave();
    await ragnarok.untilFree(client);
    const back = await ragnarok.enter(ragnarok.client(account));
    expect(back.place).toEqual(inForest);
  });
});

describe("a map of another map-server", () => {
  let ragnarok: RagnarokCluster;
  beforeAll(async () => {
    ragnarok = await RagnarokCluster.start({ spawn: beforeWarp, mapServers: [] }, ["map-1", "map-2"]);
    await ragnarok.cluster.startMap("map-1", { maps: ["harbour"] });
    await ragnarok.cluster.startMap("map-2", { maps: ["forest"] });
  });
  afterEach(async () => expect(await ragnarok.leaveAll()).toEqual([]));
  afterAll(() => ragnarok.stop());

  test("is entered with the same ids, there and back", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    await ragnarok.walkAway(client, onWarp, "forest");
    expect(client.place).toEqual(inForest);
    expect(client.journal.packets("ZC_NPCACK_SERVERMOVE")).toMatchObject([inForest]);
    expect(ragnarok.cluster.mapServer("map-1").playerCount).toBe(0);
    expect(ragnarok.cluster.mapServer("map-2").playerCount).toBe(1);
    await client.time();
    await client.say("over the bridge");

    await ragnarok.walkAway(client, { x: 41, y: 62 }, "harbour");
    await client.say("and back");
    expect(ragnarok.cluster.mapServer("map-2").playerCount).toBe(0);
    await client.quit();
    await ragnarok.untilFree(client);
  });

  test("is left to character select like any other", async () => {
    const client = await ragnarok.enter(ragnarok.client(await ragnarok.cluster.account()));
    await ragnarok.walkAway(client, onWarp, "forest");
    expect(await client.restart()).toMatchObject({ code: 1 });
    await ragnarok.enterAgain(client);
    expect(client.place).toEqual(inForest);
  });

  test("loses its player to a newer login like the first one", async () => {
    const account = await ragnarok.cluster.account();
    const older = await ragnarok.enter(ragnarok.client(account));
    await ragnarok.walkAway(older, onWarp, "forest");
    const newer = await ragnarok.enter(ragnarok.client(account));
    await older.until("told", () => older.kickCode === 2);
    expect(newer.place).toEqual(inForest);
  });
});
