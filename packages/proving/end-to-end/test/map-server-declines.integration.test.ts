import { type Position, refused } from "@sallyport/domain";
import { until } from "@sallyport/testkit";
import { describe, expect, test } from "vitest";
import { inScene, type Scene, type Way, waysToDecline } from "./cluster/declining-map-server.ts";
import { spawn, type TestAccount, type TestCluster } from "./cluster/test-cluster.ts";
import { logInAgain, type Step, Walker, wayIn } from "./cluster/walker.ts";

/*
 * The char-server hands a character over, and the map-server declines the character for any reason. The
 * client is told so, and may choose again on the same connection. Its account is not stuck. Other clients
 * notice something only if their map-server went away.
 */

const toChoice: Step[] = ["reachLogin", "logIn", "reachChar", "enterChar"];
const toMap: Step[] = ["reachMap", "enterMap"];
const forest: Position = { map: "forest", x: 41, y: 56 };

const ways: readonly Way[] = [
  {
    why: "is full",
    playersMax: { harbour: 2 },
    decline: async ({ cluster }) => {
      const last = new Walker(cluster, await cluster.account());
      await last.go(...wayIn);
      return () => last.go("leave");
    },
    neighbourEnds: null,
  },
  ...waysToDecline("map-1", (cluster, server) => cluster.startMap(server, { maps: ["harbour"] })),
];

/** Stores a position, like a late save. */
async function putTo(cluster: TestCluster, { name }: TestAccount, { map, x, y }: Position): Promise<void> {
  const text = "UPDATE characters SET map = $2, x = $3, y = $4 WHERE name = $1";
  await cluster.database.query({ name: "put-character", text }, [name, map, x, y]);
}

const atTheChoice =
  (run: (scene: Scene, client: Walker) => Promise<void>, way?: Way): (() => Promise<void>) =>
  () =>
    inScene(
      {
        mapServer: "map-1",
        spawn,
        playersMax: way?.playersMax,
        neighbourWay: wayIn,
        clientWay: toChoice,
      },
      run,
    );

describe.concurrent.each(ways)("a map-server that $why", (way) => {
  const { decline, neighbourEnds } = way;
  test(
    "is reported to the client, which enters by a later choice on the same connection",
    atTheChoice(async (scene, client) => {
      const mend = await decline(scene);
      expect(await client.steps.choose()).toEqual(refused("map-unavailable", 1_000));
      expect(client.ended).toBeNull();
      await mend();
      await client.go("choose", ...toMap, "say", "leave");
      await scene.cluster.untilFree(client.ticket);
    }, way),
  );

  test(
    "does not keep an account from logging in again at once",
    atTheChoice(async (scene, client) => {
      const mend = await decline(scene);
      expect(await client.steps.choose()).toMatchObject({ refusal: "map-unavailable" });
      client.cut("destroy");
      const back = new Walker(scene.cluster, client.account);
      await logInAgain(back, { way: toChoice });
      await mend();
      await back.go("choose", ...toMap, "say", "leave");
      await scene.cluster.untilFree(back.ticket);
    }, way),
  );

  test(
    "leaves no lock behind if the client did not wait for the answer",
    atTheChoice(async (scene, client) => {
      const { cluster, gate } = scene;
      const mend = await decline(scene);
      const taking = gate.hold("before", "character-take");
      const unanswered = client.steps.choose();
      // If no map-server has the map, the character is not even loaded.
      await Promise.race([taking.reached(), unanswered]);
      client.cut("destroy");
      await unanswered;
      taking.open();
      await cluster.untilFree(client.ticket);
      await mend();
    }, way),
  );

  test(
    "disturbs no other client, and keeps no player",
    atTheChoice(async (scene, client) => {
      const { cluster, neighbour } = scene;
      const far = new Walker(cluster, await cluster.account());
      await putTo(cluster, far.account, forest);
      await far.go(...wayIn);
      const choosing = new Walker(cluster, await cluster.account());
      await choosing.go(...toChoice);

      const mend = await decline(scene);
      expect(await client.steps.choose()).toMatchObject({ refusal: "map-unavailable" });
      client.cut("close");
      await cluster.untilFree(client.ticket);
      await far.go("say");
      await mend();
      expect([far.ended, choosing.ended, neighbour.ended]).toEqual([null, null, neighbourEnds]);
      if (neighbourEnds === null) await neighbour.go("say");
      const playing = neighbourEnds === null ? 1 : 0;
      // A killed map-server does nothing more.
      const left = () => neighbourEnds === "disconnected" || cluster.mapServer().playerCount === playing;
      await until(left, { what: "map-1 forgets the client" });
      await choosing.go("choose", ...toMap, "say", "leave");
      await far.go("leave");
      for (const { ticket } of [far, choosing]) await cluster.untilFree(ticket);
    }, way),
  );
});

describe.concurrent("a character that a late save put on another map after it was listed", () => {
  test(
    "goes to the map-server of that map",
    atTheChoice(async ({ cluster }, client) => {
      await putTo(cluster, client.account, forest);
      await client.go("choose", ...toMap, "leave");
      await cluster.untilFree(client.ticket);
    }),
  );

  test(
    "may be chosen again if no map-server has that map",
    atTheChoice(async ({ cluster }, client) => {
      await putTo(cluster, client.account, forest);
      await cluster.mapServer("map-2").stop();
      expect(await client.steps.choose()).toEqual(refused("map-unavailable", 1_000));
      await cluster.startMap("map-3", { maps: ["forest"] });
      await client.go("choose", ...toMap, "leave");
      await cluster.untilFree(client.ticket);
    }),
  );
});
