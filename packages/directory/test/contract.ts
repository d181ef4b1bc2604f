import { type JsonObject, Unavailable } from "@sallyport/domain";
import { until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DirectoryService, hintCharsMax } from "../src/index.ts";
import { presence } from "./presence.ts";

/** Gives a test one empty directory, and ways to change it from outside. */
export interface Opened {
  open(): DirectoryService;
  /** Resolves when all presences have expired, except those that were published again. */
  presencesEnd(): Promise<void>;
  /** Adds an entry that no server of this release would publish. */
  putForeign(text: string): Promise<void>;
  close(): Promise<void>;
}

export function directoryContract(name: string, openAll: () => Promise<Opened>): void {
  describe(`${name} directory`, () => {
    let opened: Opened;
    let one: DirectoryService;
    let other: DirectoryService;
    beforeEach(async () => {
      opened = await openAll();
      [one, other] = [opened.open(), opened.open()];
      await until(() => one.list().then(() => other.list()), { what: "both answer" });
    });
    afterEach(() => opened.close());

    test("is empty while no server has published", async () => {
      expect(await one.list()).toEqual([]);
    });

    test("shows every reader the complete presence of a server", async () => {
      const told = presence();
      await one.publish(told);
      expect(await other.list()).toEqual([told]);
      const bare = presence({ name: "map-2", world: null, publicDoor: null, capacity: null, links: [] });
      await other.publish(bare);
      expect(await one.list()).toEqual([bare, told]);
    });

    test("has the latest presence of each process", async () => {
      await one.publish(presence({ players: 2 }));
      await one.publish(presence({ players: 3, state: "draining" }));
      expect(await other.list()).toEqual([presence({ players: 3, state: "draining" })]);
    });

    test("is sorted by kind, world and name, with the newest process of a name first", async () => {
      const told = [
        presence({ kind: "login", name: "z", world: null }),
        presence({ kind: "char", name: "a", world: "Beta" }),
        presence({ name: "map-1", incarnation: "b", sinceMs: 9 }),
        presence({ name: "map-1", incarnation: "a", sinceMs: 8 }),
        presence({ name: "map-2" }),
        presence({ name: "map-1", world: "Beta" }),
      ];
      for (const each of [...told].reverse()) await one.publish(each);
      expect(await other.list()).toEqual(told);
    });

    test("forgets a server that has not published for a while", async () => {
      await one.publish(presence());
      await opened.presencesEnd();
      expect(await other.list()).toEqual([]);
      await one.publish(presence({ name: "map-2" }));
      expect(await other.list()).toEqual([presence({ name: "map-2" })]);
    });

    test("forgets a server that leaves at once, and no other", async () => {
      const successor = presence({ incarnation: "ffff" });
      await one.publish(presence());
      await other.publish(successor);
      await one.withdraw(presence({ players: 0, state: "draining" }));
      await one.withdraw(presence());
      expect(await other.list()).toEqual([successor]);
    });

    test("ignores entries that it cannot read", async () => {
      await one.publish(presence());
      for (const text of ["", "{", "[]", '["dragon"]', "null"]) await opened.putForeign(text);
      expect(await one.list()).toEqual([presence()]);
    });

    test("delivers a hint to every listener of its topic, and to no other", async () => {
      const heard: [string, JsonObject][] = [];
      const listening = [
        one.listen("account.kick", (hint) => heard.push(["one", hint])),
        other.listen("account.kick", (hint) => heard.push(["other", hint])),
        other.listen("account.kick", (hint) => heard.push(["other again", hint])),
        other.listen("drain", (hint) => heard.push(["drain", hint])),
      ];
      await Promise.all(listening.map(({ ready }) => ready));
      await one.tell("account.kick", { accountId: 7, text: "ünï ☃" });
      await one.tell("drain", { last: true });
      await until(() => heard.length === 4, { what: "all hints are heard" });
      expect(Object.fromEntries(heard)).toEqual({
        one: { accountId: 7, text: "ünï ☃" },
        other: { accountId: 7, text: "ünï ☃" },
        "other again": { accountId: 7, text: "ünï ☃" },
        drain: { last: true },
      });
    });

    test("delivers no hint to a listener that has stopped", async () => {
      const heard: unknown[] = [];
      const stopped = one.listen("topic", (hint) => heard.push(hint));
      const still = one.listen("topic", () => heard.push("still"));
      const otherTopic = one.listen("end", () => heard.push("end"));
      await Promise.all([stopped.ready, still.ready, otherTopic.ready]);
      stopped.stop();
      stopped.stop();
      await other.tell("topic", { n: 1 });
      await other.tell("end", {});
      await until(() => heard.includes("end"), { what: "the last hint is heard" });
      expect(heard).toEqual(["still", "end"]);
    });

    test("refuses a hint that is too long", async () => {
      await expect(one.tell("topic", { text: "x".repeat(hintCharsMax) })).rejects.toThrow(RangeError);
    });

    test("does not answer after it is closed, and others go on", async () => {
      await one.publish(presence());
      await one.close();
      await expect(one.list()).rejects.toBeInstanceOf(Unavailable);
      await expect(one.publish(presence())).rejects.toBeInstanceOf(Unavailable);
      await expect(one.tell("topic", {})).rejects.toBeInstanceOf(Unavailable);
      expect(await other.list()).toEqual([presence()]);
    });
  });
}
