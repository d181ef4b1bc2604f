import { expect, test } from "vitest";
import { Stops } from "../src/process/stops.ts";

const logged: unknown[] = [];
const shell = {
  log: { error: (fields: object, message: string) => void logged.push({ ...fields, message }) },
};

const failing = (message: string) => async (): Promise<never> => {
  throw new Error(message);
};

test("a part that fails to stop keeps no other part from stopping, and all failures are told", async () => {
  const stopped: string[] = [];
  const stops = await Stops.opening(shell, async (opened) => {
    opened.add(() => stopped.push("the database"));
    opened.add(failing("the page"));
    opened.addPart({ stop: async () => stopped.push("the map") });
    return opened;
  });
  stops.add(failing("the front"));
  await expect(stops.stop()).rejects.toThrow("Error: the front; Error: the page");
  expect(stopped).toEqual(["the map", "the database"]);
  stops.add(failing("the game"));
  await expect(stops.stop()).rejects.toThrow(/^the game$/);
});

test("a start that fails stops all that it has opened, and rejects with its own error", async () => {
  const stopped: string[] = [];
  const opening = Stops.opening(shell, async (stops) => {
    stops.add(() => stopped.push("the database"));
    stops.add(failing("the map"));
    throw new Error("the port is in use");
  });
  await expect(opening).rejects.toThrow(/^the port is in use$/);
  expect(stopped).toEqual(["the database"]);
  expect(logged).toEqual([
    { err: new Error("the map"), message: "a part did not stop after a start that failed" },
  ]);
});
