import { refused } from "@sallyport/domain";
import { until } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { inScene, type Scene, type Way, waysToDecline } from "./cluster/declining-map-server.ts";
import { rowOf } from "./cluster/player.ts";
import { beforeWarp, characterLockOf, inForest } from "./cluster/two-maps.ts";
import { type Step, type Walker, wayIn } from "./cluster/walker.ts";

/*
 * A character steps onto a warp to a map of another map-server, which declines the character, for any reason.
 * The character stays where it stands, and can play on there. Other players notice something only if their
 * map-server went away.
 */

const goesOn: readonly Step[] = ["hop", "reachMap", "enterMap"];

const ways: readonly Way[] = [
  {
    why: "is full",
    playersMax: { forest: 1 },
    decline:
      async ({ neighbour }) =>
      () =>
        neighbour.go("leave"),
    neighbourEnds: null,
  },
  ...waysToDecline("map-2", (cluster, server) => cluster.startMap(server, { maps: ["forest"] })),
];

const onTheWay = ({ playersMax }: Way, run: (scene: Scene, client: Walker) => Promise<void>) =>
  inScene(
    {
      mapServer: "map-2",
      spawn: beforeWarp,
      playersMax,
      neighbourWay: [...wayIn, ...goesOn],
      clientWay: wayIn,
    },
    run,
  );

describe.concurrent.each(ways)("if the other map-server $why, a player", (way) => {
  const { decline, neighbourEnds } = way;
  test("stays where it stands, under the same fence, and hops at a later step onto the warp", () =>
    onTheWay(way, async (scene, client) => {
      const { cluster, neighbour } = scene;
      const mend = await decline(scene);
      expect(await client.steps.hop()).toEqual(refused("stays"));
      expect(client.ended).toBeNull();
      await client.go("say");
      expect(await characterLockOf(cluster, client)).toMatchObject({
        state: "playing",
        owner: { server: "map-1" },
        charFence: 1,
      });
      expect(await rowOf(cluster, client.charId)).toMatchObject({ map: "harbour", fence: 1 });
      expect(cluster.mapServer("map-1").playerCount).toBe(1);
      if (neighbourEnds === null) {
        const isAlone = () => cluster.mapServer("map-2").playerCount === 1;
        await until(isAlone, { what: "the other one forgets the character" });
        await neighbour.go("say");
      }

      await mend();
      if (neighbourEnds !== null) expect(neighbour.ended).toBe(neighbourEnds);
      await client.go(...goesOn, "say", "leave");
      expect(client.position).toEqual(inForest);
      await cluster.untilFree(client.ticket);
    }));

  test("that disconnects meanwhile is saved where it stood, and leaves no lock behind", () =>
    onTheWay(way, async (scene, client) => {
      const { cluster, gate } = scene;
      const mend = await decline(scene);
      const asked = gate.hold("before", "character-list");
      const hopped = client.steps.hop();
      // If no map-server has the map, the char-server asks none.
      await Promise.race([asked.reached(), hopped]);
      client.cut("destroy");
      await hopped;
      asked.open();
      // The gate holds a save of the stopping map-server, and all later saves wait behind it.
      if (neighbourEnds === "server-stopping") await mend();
      await cluster.untilFree(client.ticket);
      if (neighbourEnds !== "server-stopping") await mend();
      const { map, y } = await rowOf(cluster, client.charId);
      expect([map, Math.min(y, 2)]).toEqual(["harbour", y]);
    }));
});
