import { charToMap } from "@sallyport/cluster-protocol";
import { refused } from "@sallyport/domain";
import { memoryChannelPair } from "@sallyport/link";
import { until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Checkpoint, type Fate, type Stretch } from "./cluster/checkpoint.ts";
import { Gate } from "./cluster/gate.ts";
import { type TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { logInAgain, type Step, Walker, wayIn } from "./cluster/walker.ts";

/*
 * A character is to be handed over, and the map-server that has its map does not take it, whatever the reason. The
 * client hears so, on a connection that stays good for another choice; its account is not stuck anywhere; and of all
 * others nobody notices.
 */

/** Long enough that the answer to the hand-over is given up, with a tick to spare, before the lock's deadline. */
const timing = { handOverMs: 2_000 };

const toChoice: Step[] = ["reachLogin", "logIn", "reachChar", "enterChar"];
const toMap: Step[] = ["reachMap", "enterMap"];

interface Scene {
  readonly cluster: TestCluster;
  /** Between the char-server and map-1. */
  readonly checkpoint: Checkpoint;
  readonly gate: Gate;
}

interface Way {
  readonly why: string;
  /** Makes map-1 decline; returns what lets a choice succeed again. */
  readonly decline: (scene: Scene) => Promise<() => Promise<void>>;
}

/** What does not decline by itself, but by what becomes of its link. */
const byLink = (why: string, stretch: Stretch, fate: Fate): Way => ({
  why,
  decline: async ({ cluster, checkpoint }) => {
    checkpoint.stop("character.expect", stretch, fate);
    return async () => {
      checkpoint.release();
      // One whose link was cut comes back only after its own timer; meanwhile another has its maps.
      if (fate === "cut") await cluster.startMap("map-3");
    };
  },
});

const ways: readonly Way[] = [
  {
    why: "is full",
    decline: async ({ cluster }) => {
      const last = new Walker(cluster, await cluster.account());
      await last.go(...wayIn);
      return () => last.go("leave");
    },
  },
  {
    why: "is stopping",
    decline: async ({ cluster, gate }) => {
      const last = new Walker(cluster, await cluster.account());
      await last.go(...wayIn);
      await hasMoved(last);
      // Someone on it still has to be saved, and that takes its time.
      const saving = gate.hold("before", "character-save-many");
      const stopped = cluster.mapServer("map-1").stop();
      await saving.reached();
      return async () => {
        saving.open();
        await stopped;
        await cluster.startMap("map-3");
      };
    },
  },
  byLink("never answers", "asked", "swallow"),
  byLink("hears of it too late", "asked", "hold"),
  byLink("says yes too late", "answered", "hold"),
  byLink("loses its link before it hears of it", "asked", "cut"),
  byLink("loses its link as it says yes", "answered", "cut"),
  {
    why: "is not there any more",
    decline: async ({ cluster }) => {
      cluster.kill({ map: "map-1" });
      return async () => void (await cluster.startMap("map-3"));
    },
  },
];

async function hasMoved(walker: Walker): Promise<void> {
  let moved = false;
  walker.map?.on((event) => {
    moved ||= event.type === "actor.moved";
  });
  await walker.go("walk");
  await until(() => moved, { what: `${walker.account.name} takes a step` });
}

describe.each(ways)("a map-server that $why", ({ decline }) => {
  let scene: Scene;
  let cluster: TestCluster;
  let account: TestAccount;
  let client: Walker;

  beforeEach(async () => {
    const checkpoint = new Checkpoint(charToMap);
    const gate = new Gate();
    cluster = await TestCluster.start({
      timing,
      mapServers: [],
      around: gate.around,
      pair: (names) => {
        const [near, far] = memoryChannelPair(names);
        return names[0] === "map-1" ? [checkpoint.before(near), far] : [near, far];
      },
    });
    scene = { cluster, checkpoint, gate };
    await cluster.startMap("map-2", { maps: ["forest"] });
    await cluster.startMap("map-1", { maps: ["harbour"], playersMax: 1 });
    account = await cluster.account();
    client = new Walker(cluster, account);
    await client.go(...toChoice);
  });
  afterEach(() => cluster.stop());

  test("is told of to the client, which is let in by a later choice on the same connection", async () => {
    const mend = await decline(scene);
    expect(await client.steps.choose()).toEqual(refused("map-unavailable", 1_000));
    await mend();
    await client.go("choose", ...toMap, "say", "leave");
    await cluster.untilFree(client.ticket);
  });

  test("keeps no account from logging in again at once", async () => {
    const mend = await decline(scene);
    expect(await client.steps.choose()).toMatchObject({ refusal: "map-unavailable" });
    client.cut("destroy");
    const back = new Walker(cluster, account);
    await logInAgain(back, { way: toChoice });
    await mend();
    await back.go("choose", ...toMap, "say", "leave");
    await cluster.untilFree(back.ticket);
  });
});
