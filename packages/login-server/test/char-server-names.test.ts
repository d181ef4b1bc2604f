import { randomBytes } from "node:crypto";
import { createPasswordHasher, defaultAuthenticationSettings, unlimited } from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import { charToLogin, introduce, loginToChar } from "@sallyport/cluster-protocol";
import { createMemoryStores } from "@sallyport/database";
import { interServerHeartbeat, interServerLimits, Link, memoryChannelPair } from "@sallyport/link";
import { defaultLockTiming } from "@sallyport/lock-core";
import { MemoryLockStore } from "@sallyport/lock-store";
import { defaultClientBounds, defaultLinkBounds } from "@sallyport/server-kit";
import { testHost } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { expect, onTestFinished, test } from "vitest";
import { createLoginServer } from "../src/index.ts";

function loginServer() {
  const { accounts, networkBans } = createMemoryStores();
  const server = createLoginServer(testHost({ clock: systemClock }), {
    ...{ accounts, networkBans },
    hasher: createPasswordHasher(),
    store: new MemoryLockStore({ nowMs: () => Math.floor(performance.now()) }),
    timing: defaultLockTiming,
    clusterSecret: new Uint8Array(32),
    charServers: new Map([["alpha", "right"]]),
    mailTokens: createMemoryStores().mailTokens,
    secondLogin: "by-dialect",
    authentication: defaultAuthenticationSettings,
    limitsFor: () => unlimited,
    clientBounds: defaultClientBounds,
    linkBounds: defaultLinkBounds,
  });
  onTestFinished(() => server.stop());
  return server;
}

function connect(server: ReturnType<typeof loginServer>, name: string) {
  const [near, far] = memoryChannelPair([name, "login-server"]);
  server.acceptCharServer(far);
  const link = new Link<typeof charToLogin, typeof loginToChar>({
    channel: near,
    sends: new MessageCodec(charToLogin),
    receives: new MessageCodec(loginToChar),
    handlers: {} as never,
    clock: systemClock,
    limits: interServerLimits,
    heartbeat: interServerHeartbeat,
    events: { closed: () => {} },
  });
  const credentials = { server: name, username: "alpha", password: "right" };
  return introduce(link as never, credentials, (count) => randomBytes(count), 5_000);
}

test("a username belongs to one char-server, and is of no use under another name", async () => {
  const server = loginServer();
  expect(await connect(server, "beta")).toMatchObject({ refusal: "wrong-username-or-password" });
  expect(await connect(server, "alpha")).toMatchObject({ ok: true });
  expect(await connect(server, "alpha")).toMatchObject({ refusal: "server-lock-exists" });
});
