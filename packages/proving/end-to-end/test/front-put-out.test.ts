import { lineProtocol } from "@sallyport/front";
import { until } from "@sallyport/testkit";
import { afterAll, beforeAll, test } from "vitest";
import { linePerson } from "./cluster/line-person.ts";
import { MemoryCluster } from "./cluster/memory-cluster.ts";
import { memoryFront, stopBoth } from "./cluster/memory-front.ts";

/* A client of a front that the servers put out while it waits for an answer of theirs. */

/** While this is set, no character is taken from the database. */
let held: Promise<void> | null = null;
let isTaking = false;
const cluster = new MemoryCluster({
  between: {
    locks: (store) => store,
    link: (channel) => channel,
    client: (channel) => channel,
    database: ({ characters, ...stores }) => ({
      ...stores,
      characters: {
        ...characters,
        take: async (wanted) => {
          isTaking = true;
          await held;
          return characters.take(wanted);
        },
      },
    }),
  },
});

const front = memoryFront(cluster);
const accept = front.serve(lineProtocol, { host: "memory", port: 0 });

beforeAll(() => cluster.start());
afterAll(() => stopBoth(front, cluster));

test("a client that a newer login puts out while its character is handed over is told why", async () => {
  const older = linePerson(accept);
  for (const line of ["new", "Tilda", "correct horse"]) older.types(line);
  await older.reads("You have no character yet");
  let release = (): void => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  for (const line of ["create Tilda", "1"]) older.types(line);
  await until(() => isTaking, { what: "the character to be taken" });

  const newer = linePerson(accept);
  for (const line of ["Tilda", "correct horse"]) newer.types(line);
  await older.reads("Somebody logged in with this account elsewhere.");
  release();
  held = null;
});
