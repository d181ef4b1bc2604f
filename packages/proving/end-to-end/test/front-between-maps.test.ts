import { lineProtocol } from "@sallyport/front";
import { until } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linePerson } from "./cluster/line-person.ts";
import { MemoryCluster, stepMs } from "./cluster/memory-cluster.ts";
import { memoryFront, stopBoth } from "./cluster/memory-front.ts";

/* A client of a front whose character is on its way to another map-server. */

const cluster = new MemoryCluster({ hosted: [["north"], ["south"]] });
const south = cluster.address.map.port + 1;
const at = { host: "memory", port: 0 };
/** While this is set, nobody reaches the map-server of `south`. */
let held: Promise<void> | null = null;
let hasSetOut = false;

const front = memoryFront(cluster, async (address, withinMs, door) => {
  if (address.port === south) {
    hasSetOut = true;
    await held;
  }
  return cluster.connection.connect(address, withinMs, door);
});

beforeAll(() => cluster.start());
afterAll(() => stopBoth(front, cluster));

test("a walk that a person asks for while the map changes is not walked on the next map", async () => {
  const person = linePerson(front.serve(lineProtocol, at));
  const { types, reads } = person;
  for (const line of ["new", "Tilda", "correct horse"]) types(line);
  await reads("You have no character yet");
  for (const line of ["create Tilda", "1"]) types(line);
  await reads("You are in north");

  let release = (): void => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  types("walk 8 8");
  await until(
    async () => {
      await cluster.clock.advance(stepMs);
      return hasSetOut;
    },
    { what: "the character to be on its way" },
  );
  types("walk 5 5");
  // The front asks again after a pause, and the map has changed by then.
  await cluster.clock.advance(50);
  release();
  await reads("Tilda is at 3,3 of south");
  await cluster.clock.advance(10 * stepMs);
  types("look");
  const places = await until(
    () => {
      const seen: readonly string[] = person.screen.match(/Tilda is at \d,\d of south/g) ?? [];
      return seen.length === 2 ? seen : null;
    },
    { what: "a second look" },
  );
  expect(places.at(-1)).toBe("Tilda is at 3,3 of south");
  expect(person.screen).toContain("The server cannot do this at the moment.");
});
