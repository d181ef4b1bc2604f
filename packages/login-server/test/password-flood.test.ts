import { createPasswordHasher, defaultAuthenticationSettings, unlimited } from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import { createMemoryStores } from "@sallyport/database";
import {
  loginDoorEvents,
  loginDoorMessages,
  nativeClientLimits,
  nativeHeartbeat,
  plainIntroduction,
} from "@sallyport/dialects/native";
import { type Link, memoryChannelPair, Link as NativeLink } from "@sallyport/link";
import { defaultLockTiming } from "@sallyport/lock-core";
import { MemoryLockStore } from "@sallyport/lock-store";
import { defaultClientBounds, defaultLinkBounds } from "@sallyport/server-kit";
import { testHost, until } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLoginServer, type LoginServer } from "../src/index.ts";

type ClientLink = Link<typeof loginDoorMessages, typeof loginDoorEvents>;

const alice = { name: "alice", password: "correct horse" };
const answerMs = 60_000;
const slow = { memoryKib: 8_192, iterations: 1, parallelism: 1 };
const hasher = createPasswordHasher({ parameters: slow, concurrency: 1, queuePerAddressMax: 40 });
let server: LoginServer;
let links: ClientLink[] = [];

beforeEach(async () => {
  const { accounts, mailTokens, networkBans } = createMemoryStores();
  const credential = await hasher.createCredential(alice.password);
  if (!credential.ok) throw new Error(credential.refusal);
  await accounts.create({ name: alice.name, sex: "female", credential: credential.value });
  server = createLoginServer(testHost({ clock: systemClock }), {
    accounts,
    networkBans,
    hasher,
    store: new MemoryLockStore({ nowMs: () => Math.floor(performance.now()) }),
    timing: defaultLockTiming,
    clusterSecret: new Uint8Array(32),
    charServers: new Map(),
    mailTokens,
    secondLogin: "reject",
    // Limits on attempts would end the flood too soon.
    authentication: defaultAuthenticationSettings,
    limitsFor: () => unlimited,
    clientBounds: defaultClientBounds,
    linkBounds: defaultLinkBounds,
  });
});
afterEach(async () => {
  for (const link of links) link.close("the test is over");
  links = [];
  await server.stop();
});

function connectFrom(address: string): ClientLink {
  const [near, far] = memoryChannelPair([`${address}:${1_000 + links.length}`, "login"]);
  server.acceptClient(far);
  const link: ClientLink = new NativeLink({
    channel: near,
    sends: new MessageCodec(loginDoorMessages),
    receives: new MessageCodec(loginDoorEvents),
    handlers: { "client.kicked": () => {}, "client.unsupported": () => {} },
    clock: systemClock,
    limits: { ...nativeClientLimits, outputBytesMax: 1 << 20, requestsPauseAt: 1 },
    heartbeat: nativeHeartbeat,
    events: { closed() {} },
  });
  link.notify({ type: "client.hello", ...plainIntroduction });
  links.push(link);
  return link;
}

test("an address that floods the login door with wrong passwords makes itself wait, and hardly any other", async () => {
  let floodHashed = 0;
  let floodBusy = 0;
  let isOver = false;
  const flood = Array.from({ length: 100 }, async (_, index) => {
    const link = connectFrom("192.0.2.66");
    while (!isOver) {
      const ask = { type: "login.password", name: `guess_${index}`, password: "wrong horse" } as const;
      const answer = await link.ask(ask, answerMs);
      if (answer.ok) throw new Error("guessed");
      if (answer.refusal === "busy") floodBusy += 1;
      else floodHashed += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  // After each hash, one place is free until a refused client asks again.
  const isHigh = (): boolean => floodHashed > 20 && floodBusy > 100 && hasher.load.waiting === 40;
  await until(isHigh, { what: "the flood is at its height" });

  for (const address of ["198.51.100.1", "198.51.100.2", "198.51.100.3"]) {
    const before = floodHashed;
    const answer = await connectFrom(address).ask({ type: "login.password", ...alice }, answerMs);
    // The password is right, but there is no world. At most three hashes of the flood came before this login:
    // the hashes in progress, and the hashes with an earlier turn.
    expect(answer).toMatchObject({ refusal: "no-world" });
    expect(floodHashed - before).toBeLessThanOrEqual(3);
  }
  isOver = true;
  await Promise.all(flood);
});

test("a client that disconnects while it waits frees its place at once", async () => {
  const heavy = { memoryKib: 65_536, iterations: 10, parallelism: 1 };
  const underWay = hasher.hash({ password: "any", salt: new Uint8Array(16), parameters: heavy });
  const waiting = Array.from({ length: 30 }, () => connectFrom("192.0.2.66"));
  for (const link of waiting) void link.ask({ type: "login.password", ...alice }, answerMs);
  await until(() => hasher.load.waiting === 30, { what: "all of them wait" });
  for (const link of waiting) link.close("lost patience");
  await until(() => hasher.load.waiting === 0, { what: "their places are free" });
  expect(hasher.load.running).toBe(1);
  await underWay;
});
