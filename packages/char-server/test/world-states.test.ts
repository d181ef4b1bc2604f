import { accepted, refused, Unavailable } from "@sallyport/domain";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CharServerScene } from "./char-server-scene.ts";
import { HandMadeMapServer } from "./hand-made-map-server.ts";

/* These tests check the answers to map-servers that read and change the state of the world. */

let scene: CharServerScene;
let other: HandMadeMapServer;
beforeEach(async () => {
  scene = await CharServerScene.start();
  other = new HandMadeMapServer(scene.clock, (channel) => scene.char.acceptMapServer(channel), "map-2");
  await other.start();
  await scene.clock.advance(1_000);
});
afterEach(() => {
  expect(scene.bugs).toEqual([]);
});

const read = (...keys: string[]) => scene.now(scene.map.link.ask({ type: "world.read", keys }, 3_000));
const write = (version: number, value: string, number: number) =>
  scene.now(
    scene.map.link.ask(
      { type: "world.change", key: "sign", version, value, writer: "map-1's process", number },
      3_000,
    ),
  );

async function made(version: number, value: string, number: number): Promise<number> {
  const changed = await write(version, value, number);
  if (!changed.ok) throw new Error(changed.refusal);
  return changed.value.version;
}

describe("a change", () => {
  test("is stored, and all other map-servers are told", async () => {
    const version = await made(0, '{"count":1}', 1);
    expect(await read("sign", "door")).toEqual(
      accepted({ states: [{ key: "sign", version, value: '{"count":1}' }] }),
    );
    expect(other.worldChanges).toMatchObject([{ key: "sign", version, value: '{"count":1}' }]);
    expect(scene.map.worldChanges).toEqual([]);
  });

  test("from an older version is refused, and nobody is told", async () => {
    const version = await made(0, "1", 1);
    expect(await write(0, "2", 2)).toEqual(refused("conflict"));
    expect(await read("sign")).toEqual(accepted({ states: [{ key: "sign", version, value: "1" }] }));
    expect(other.worldChanges).toHaveLength(1);
  });

  test("that is repeated gets the same answer, and others are told once", async () => {
    const version = await made(0, "1", 1);
    expect(await write(0, "1", 1)).toEqual(accepted({ version }));
    expect(other.worldChanges).toHaveLength(1);
  });

  test.each(["{", "1e400"])(
    "to a value that cannot be stored (%s) costs the map-server its link",
    async (value) => {
      expect(await write(0, value, 1)).toEqual(refused("unanswered"));
      expect(scene.map.isUp).toBe(false);
      expect(other.isUp).toBe(true);
      await scene.clock.advance(5_000);
      expect(await read("sign")).toEqual(accepted({ states: [] }));
    },
  );
});

test("while the database does not answer, map-servers are told so", async () => {
  const away = async (): Promise<never> => {
    throw new Unavailable("no database");
  };
  Object.assign(scene.stores.worldStates, { read: away, change: away });
  expect(await read("sign")).toMatchObject(refused("unavailable"));
  expect(await write(0, "1", 1)).toMatchObject(refused("unavailable"));
});

test("a value that no server can use is passed on as such", async () => {
  const useless = { version: 4, value: undefined };
  Object.assign(scene.stores.worldStates, { read: async () => new Map([["sign", useless]]) });
  expect(await read("sign")).toEqual(accepted({ states: [{ key: "sign", version: 4, value: null }] }));
});
