import type { loginToChar } from "@sallyport/cluster-protocol";
import { MemoryDirectory, MemoryDirectoryState } from "@sallyport/directory";
import { type JsonObject, Unavailable } from "@sallyport/domain";
import { silentLog } from "@sallyport/server-kit";
import { settled } from "@sallyport/testkit";
import type { MessageOf } from "@sallyport/wire";
import { expect, test } from "vitest";
import { Announcements, type AnnouncementsDeps } from "../src/announcements.ts";

/** A login-server with one char-server. `told` is what that char-server hears. */
function loginServer(hints: AnnouncementsDeps["hints"]) {
  const told: MessageOf<typeof loginToChar, "announcement">[] = [];
  const link = { notify: (message: (typeof told)[number]) => void told.push(message) } as never;
  const announcements = new Announcements({ log: silentLog() }, { hints, links: () => [link] });
  return { announcements, told };
}

const state = new MemoryDirectoryState();
const open = () => new MemoryDirectory({ nowMs: () => 0, state });
const said = { text: "hi", from: "Ada" };
const heard = { type: "announcement", ...said };

test("an announcement reaches the char-servers of all login-servers once, and none after a stop", async () => {
  const [one, other] = [loginServer(open()), loginServer(open())];
  expect(await one.announcements.announce(said)).toMatchObject({ ok: true });
  await settled();
  expect([one.told, other.told]).toEqual([[heard], [heard]]);
  other.announcements.stop();
  await one.announcements.announce(said);
  await settled();
  expect([one.told.length, other.told.length]).toEqual([2, 1]);
});

test("an announcement of a single login-server needs no directory", async () => {
  const alone = loginServer(null);
  expect(await alone.announcements.announce({ text: "hi", from: null })).toMatchObject({ ok: true });
  expect(alone.told).toEqual([{ ...heard, from: null }]);
});

test("an announcement that the directory does not take is unavailable", async () => {
  const tell = async () => {
    throw new Unavailable("no answer");
  };
  const cutOff = loginServer({ tell, listen: () => ({ ready: Promise.resolve(), stop: () => {} }) });
  expect(await cutOff.announcements.announce(said)).toMatchObject({ refusal: "unavailable" });
  expect(cutOff.told).toEqual([]);
});

test("a hint that is no announcement is ignored", async () => {
  const server = loginServer(open());
  const hints: readonly JsonObject[] = [
    {},
    { text: 1, from: null },
    { text: "hi" },
    { text: "hi", from: 7 },
    { text: "x".repeat(201), from: null },
    { text: "hi", from: "x".repeat(100) },
  ];
  for (const hint of hints) await open().tell("announcement", hint);
  await settled();
  expect(server.told).toEqual([]);
});
