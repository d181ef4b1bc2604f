import { AnsweringHandshake, charToLogin, loginToChar } from "@sallyport/cluster-protocol";
import { AccountId, accepted, Fence, Incarnation, LoginId } from "@sallyport/domain";
import { interServerHeartbeat, interServerLimits, Link, memoryChannelPair } from "@sallyport/link";
import { silentLog } from "@sallyport/server-kit";
import { ManualClock } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { expect, test } from "vitest";
import { LoginLink } from "../src/login-link.ts";

const ticket = {
  accountId: AccountId(7),
  loginId1: LoginId(1),
  loginId2: LoginId(2),
  sex: "female",
} as const;
const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
const failed = (error: unknown): void => {
  throw error;
};

/** A char-server that holds the account of the ticket; `release` says when the login-server answers that it is given back. */
async function holding(release: () => Promise<void>) {
  const clock = new ManualClock();
  const link = new LoginLink({
    connect: async () => {
      const [near, far] = memoryChannelPair(["alpha", "login"]);
      const handshake = new AnsweringHandshake({
        passwordOf: () => "right",
        randomBytes,
        admit: async () =>
          accepted({ incarnation: Incarnation("00"), cookie: randomBytes(32), reconnectMs: 15_000 }),
        reclaimed: async () => accepted({}),
        leave: async () => accepted({}),
      });
      new Link<typeof loginToChar, typeof charToLogin>({
        channel: far,
        sends: new MessageCodec(loginToChar),
        receives: new MessageCodec(charToLogin),
        handlers: handshake.handlersWith<typeof charToLogin>({
          "world.announce": async () => accepted({}),
          "world.status": () => {},
          "account.hold": async () => accepted({ accountFence: Fence(1), trace: "trace" }),
          "account.owned": async () => accepted({ accounts: [], next: null }),
          "account.reclaim": async () => accepted({ lost: [] }),
          "account.release": async () => {
            await release();
            return accepted({});
          },
        }),
        clock,
        limits: interServerLimits,
        heartbeat: interServerHeartbeat,
        events: { closed: () => {}, failed },
      });
      return near;
    },
    credentials: { server: "alpha", username: "alpha", password: "right" },
    world: { name: "Alpha", host: "127.0.0.1", port: 7200, wsUrl: null, otherDoors: [], near: [] },
    clock,
    random: () => 0.5,
    randomBytes,
    log: silentLog(),
    kick: () => {},
    present: async () => accepted([]),
    admitted: () => {},
    lost: () => {},
    unreleased: () => {},
    failed,
  });
  const started = link.start();
  await clock.advance(0);
  await started;
  const held = link.hold(ticket);
  await clock.advance(0);
  expect(await held).toMatchObject({ ok: true });
  return { link, clock };
}

test("an account that is being given back is held by nobody any more, for whoever asks", async () => {
  let answer = (): void => {};
  const { link, clock } = await holding(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const { accountId, loginId1 } = ticket;
  expect(link.mayHold(accountId, loginId1)).toBe(true);
  const released = link.release(accountId, loginId1);
  await clock.advance(0);
  expect(link.mayHold(accountId, loginId1)).toBe(false);
  answer();
  await clock.advance(0);
  await released;
  expect(link.mayHold(accountId, loginId1)).toBe(false);
});
