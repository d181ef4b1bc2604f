import { systemClock } from "@sallyport/clock";
import { charToLogin, loginToChar } from "@sallyport/cluster-protocol";
import { MemoryDirectory, MemoryDirectoryState } from "@sallyport/directory";
import { AccountId, accepted, type JsonObject } from "@sallyport/domain";
import { interServerHeartbeat, interServerLimits, Link, memoryChannelPair } from "@sallyport/link";
import { settled, testHost } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { beforeEach, expect, test } from "vitest";
import { OwnerLine } from "../src/owner-line.ts";

/* In these tests, two login-servers share a directory. The owner is linked to the second login-server. */

const owner = { server: "alpha", incarnation: "a1" };
let heard: unknown[];
let here: OwnerLine;
let directory: MemoryDirectory;

function linkTo(told: (what: unknown) => void): Link<typeof loginToChar, typeof charToLogin> {
  const [near, far] = memoryChannelPair(["login-server", "alpha"]);
  const ends = {
    clock: systemClock,
    limits: interServerLimits,
    heartbeat: interServerHeartbeat,
    events: { closed: () => {} },
  };
  const sends = new MessageCodec(loginToChar);
  const receives = new MessageCodec(charToLogin);
  new Link({
    ...ends,
    channel: far,
    sends: receives,
    receives: sends,
    handlers: {
      "account.kick": async (kick) => {
        told(kick);
        return accepted({});
      },
      "account.lost": told,
      announcement: told,
    },
  });
  return new Link({ ...ends, channel: near, sends, receives, handlers: {} as never });
}

beforeEach(() => {
  heard = [];
  const state = new MemoryDirectoryState();
  const open = () => new MemoryDirectory({ nowMs: () => 0, state });
  const link = linkTo((what) => heard.push(what));
  directory = open();
  here = new OwnerLine(testHost(), { hints: directory, linkOf: () => undefined });
  const linkOf = (incarnation: string) => (incarnation === owner.incarnation ? link : undefined);
  new OwnerLine(testHost(), { hints: open(), linkOf });
});

test("an owner linked to another login-server is asked to release, and told of losses, through that server", async () => {
  here.tell(AccountId(7), { type: "kick", owner, loginId1: 11 });
  const told = { reason: "banned", untilMs: 4_102_444_800_000, text: "for cheating" };
  here.tell(AccountId(9), { type: "kick", owner, loginId1: 13, told });
  here.tell(AccountId(8), { type: "lost", owner, loginId1: 12 });
  await settled();
  expect(heard).toEqual([
    { type: "account.kick", accountId: 7, loginId1: 11, reason: "logged-in-elsewhere", told: null },
    { type: "account.kick", accountId: 9, loginId1: 13, reason: "lock-lost", told },
    { type: "account.lost", accountId: 8, loginId1: 12 },
  ]);
});

test("an earlier incarnation of the owner has no link any more", async () => {
  here.tell(AccountId(7), { type: "kick", owner: { ...owner, incarnation: "a0" }, loginId1: 11 });
  await settled();
  expect(heard).toEqual([]);
});

test.each<JsonObject>([
  {},
  { type: "moved", accountId: 7, loginId1: 11, ...owner },
  { type: "kick", accountId: -1, loginId1: 11, ...owner },
  { type: "kick", accountId: 7, loginId1: 2 ** 32, ...owner },
  { type: "kick", accountId: 7, loginId1: 11, server: "alpha" },
])("a malformed hint is ignored: %j", async (hint) => {
  await directory.tell("account-owner", hint);
  await settled();
  expect(heard).toEqual([]);
});
