import { AnsweringHandshake, charToLogin, loginToChar } from "@sallyport/cluster-protocol";
import { accepted, Incarnation, refused } from "@sallyport/domain";
import {
  type ByteChannel,
  interServerHeartbeat,
  interServerLimits,
  Link,
  memoryChannelPair,
} from "@sallyport/link";
import { ManualClock, testHost } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { expect, test } from "vitest";
import { heardLog } from "../../server-kit/test/heard-log.ts";
import { LoginLink } from "../src/login-link.ts";

/** Links a char-server to a login-server, which refuses the name of the world while `isTaken` is true. */
function linked() {
  const clock = new ManualClock();
  const { log, lines } = heardLog();
  const login = { isTaken: true, comings: 0 };
  const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
  const failed = (error: unknown): void => {
    throw error;
  };

  function answer(channel: ByteChannel): void {
    login.comings += 1;
    const handshake = new AnsweringHandshake({
      passwordOf: () => "right",
      randomBytes,
      admit: async () =>
        accepted({
          incarnation: Incarnation("0011223344556677"),
          cookie: randomBytes(32),
          reconnectMs: 15_000,
        }),
      reclaimed: async () => accepted({}),
      leave: async () => accepted({}),
    });
    new Link<typeof loginToChar, typeof charToLogin>({
      channel,
      sends: new MessageCodec(loginToChar),
      receives: new MessageCodec(charToLogin),
      handlers: handshake.handlersWith<typeof charToLogin>({
        "world.announce": async () => (login.isTaken ? refused("world-taken") : accepted({})),
        "world.status": () => {},
        "account.hold": async () => refused("unavailable"),
        "account.owned": async () => accepted({ accounts: [], next: null }),
        "account.reclaim": async () => accepted({ lost: [] }),
        "account.release": async () => accepted({}),
        "account.operate": async () => refused("unavailable"),
        "announcement.everywhere": async () => refused("unavailable"),
      }),
      clock,
      limits: interServerLimits,
      heartbeat: interServerHeartbeat,
      events: { closed: () => {}, failed },
    });
  }

  let lost = 0;
  const link = new LoginLink(testHost({ clock, log }), {
    connect: async () => {
      const [near, far] = memoryChannelPair(["beta", "login"]);
      answer(far);
      return near;
    },
    credentials: { server: "beta", username: "beta", password: "right" },
    world: { name: "Alpha", host: "127.0.0.1", port: 7200, wsUrl: null, otherDoors: [], near: [] },
    kick: () => {},
    announce: () => {},
    accounts: {
      logins: [],
      stillHere: async () => accepted([]),
      reclaimed: () => {},
      lost: () => {},
      known: () => {},
    },
    admitted: () => {},
    lost: () => {
      lost += 1;
    },
  });
  void link.start();
  return { link, login, clock, lines, lost: () => lost };
}

test("a world whose name is taken is reported once, with its setting, and starts when the name is free", async () => {
  const { link, login, clock, lines, lost } = linked();
  await clock.advance(120_000);
  expect(link.isUp).toBe(false);
  expect(lines.filter(({ level }) => level >= 40)).toMatchObject([
    { level: 50, msg: "another char-server has a world of this name; set WORLD_NAME", world: "Alpha" },
  ]);
  expect([login.comings, lost()]).toEqual([1, 0]);
  login.isTaken = false;
  await clock.advance(10_000);
  expect(link.isUp).toBe(true);
});
