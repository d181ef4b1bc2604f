import type { Json } from "@sallyport/domain";
import { until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestCluster } from "./cluster/test-cluster.ts";
import { startTwoMaps } from "./cluster/two-maps.ts";

/* Two map-servers change one state of their world, which is in a real Postgres. */

const countOf = (state: Json | undefined): number => (state as { readonly count: number }).count;

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startTwoMaps({
    worldStates: {
      visitors: {
        initial: { count: 0 },
        changes: { came: (state) => ({ count: countOf(state) + 1 }) },
        parse: (value) => ({ ok: true, value }),
      },
    },
  });
});
afterEach(() => cluster.stop());

const states = () => ["map-1", "map-2"].map((name) => cluster.mapServer(name).worldStates);
const operatorAsks = (text: string) => cluster.database.query<{ value: Json }>({ name: text, text }, []);
const stored = async () => (await operatorAsks("SELECT value FROM world_states"))[0]?.value;

test("both count, while the char-server is killed and its links are cut, and no change is lost or counts twice", async () => {
  const each = 40;
  let answered = 0;
  const counting = states().map(async (of) => {
    for (let count = 0; count < each; count += 1) {
      expect((await of.change("visitors", "came", null)).ok).toBe(true);
      answered += 1;
    }
  });
  await until(() => answered > 10, { what: "some are counted" });
  cluster.kill("char");
  await cluster.startChar();
  await until(() => answered > 40, { what: "more are counted" });
  for (const { links } of cluster.mapServers.values()) links.at(-1)?.[1].destroy();
  await Promise.all(counting);
  expect(await stored()).toEqual({ count: 2 * each });
  await until(() => states().every((of) => countOf(of.get("visitors")) === 2 * each), {
    what: "both know the newest state",
  });
});

test("an operator sets the state, and the next change is computed from it", async () => {
  const [first, second] = states();
  expect((await first?.change("visitors", "came", null))?.ok).toBe(true);
  await operatorAsks(`UPDATE world_states SET value = '{"count": 1000}'`);
  expect(await second?.change("visitors", "came", null)).toEqual({ ok: true, value: { count: 1001 } });
  await operatorAsks("DELETE FROM world_states");
  expect(await first?.change("visitors", "came", null)).toEqual({ ok: true, value: { count: 1 } });
});

test("a map-server that stops stores what waits", async () => {
  const [first] = states();
  const changes = Array.from({ length: 20 }, () => first?.change("visitors", "came", null));
  await cluster.mapServer("map-1").stop();
  expect((await Promise.all(changes)).every((answer) => answer?.ok)).toBe(true);
  expect(await stored()).toEqual({ count: 20 });
});
