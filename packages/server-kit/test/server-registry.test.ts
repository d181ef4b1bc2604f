import { hashCookie } from "@sallyport/cluster-protocol";
import { Unavailable } from "@sallyport/domain";
import { characterLockKey } from "@sallyport/lock-core";
import { UnreadableLock } from "@sallyport/lock-store";
import { beforeEach, describe, expect, test } from "vitest";
import type { AdmittedServer } from "../src/index.ts";
import { key, RegistryScene, server, timing } from "./registry-scene.ts";

let scene: RegistryScene;

beforeEach(() => {
  scene = new RegistryScene();
});

describe("a server that connects", () => {
  test("gets an incarnation and a cookie of its own, and the cookie is not stored", async () => {
    const first = await scene.connect();
    await scene.registry.leave(first);
    const second = await scene.connect();
    expect(first.cookie).toHaveLength(32);
    expect(first.cookie).not.toEqual(second.cookie);
    expect(first.incarnation).toMatch(/^[0-9a-f]{16}$/);
    expect(first.incarnation).not.toBe(second.incarnation);
    const { value } = scene;
    expect(value).toContain(hashCookie(second.cookie));
    expect(value).not.toContain(Buffer.from(second.cookie).toString("hex"));
  });

  test("is refused while another of its name is connected, and told how long to wait", async () => {
    await scene.connect();
    scene.nowMs = 4_000;
    expect(await scene.registry.admit(server, null)).toEqual({
      ok: false,
      refusal: "server-lock-exists",
      retryAfterMs: 6_000,
    });
    expect((await scene.registry.admit("map-2", null)).ok).toBe(true);
  });

  test("is refused while another of its name may still come back, and admitted after that", async () => {
    await scene.registry.disconnect(await scene.connect());
    scene.nowMs = 19_999;
    expect(await scene.registry.admit(server, null)).toMatchObject({
      refusal: "server-lock-exists",
      retryAfterMs: 100,
    });
    await scene.registry.expire(key);
    expect(await scene.registry.admit(server, null)).toMatchObject({ refusal: "server-lock-exists" });
    scene.nowMs = 20_000;
    await scene.registry.expire(key);
    expect((await scene.registry.admit(server, null)).ok).toBe(true);
  });

  test("is asked to come again if the store does not answer, and nothing is decided", async () => {
    scene.failAt = () => true;
    expect(await scene.registry.admit(server, null)).toEqual({
      ok: false,
      refusal: "unavailable",
      retryAfterMs: 1_000,
    });
    expect(scene.isThere).toBe(false);
  });
});

/** A server can leave for good in these ways. */
const goings: readonly {
  readonly how: string;
  readonly go: (admittedServer: AdmittedServer) => Promise<void>;
}[] = [
  { how: "leaves", go: (admittedServer) => scene.registry.leave(admittedServer) },
  {
    how: "did not come back in time",
    go: async (admittedServer) => {
      await scene.registry.disconnect(admittedServer);
      scene.nowMs += timing.reconnectMs;
      await scene.registry.expire(key);
    },
  },
];

describe.each(goings)("the locks of a server that $how", ({ go }) => {
  test("are free before its server lock is gone, however many they are", async () => {
    const admittedServer = await scene.connect();
    const owned = await scene.own(admittedServer, 1_203);
    await go(admittedServer);
    expect(new Set(scene.freed.map((each) => each.key))).toEqual(new Set(owned));
    expect(scene.freed).toHaveLength(owned.length);
    expect(scene.freed.every(({ hadServer }) => hadServer)).toBe(true);
    expect(scene.isThere).toBe(false);
  });

  test("are freed except an unreadable one, which is tried again with the server lock", async () => {
    const admittedServer = await scene.connect();
    const owned = await scene.own(admittedServer, 1_203);
    const [bad = "", ...others] = owned;
    scene.unreadable = bad;
    await expect(go(admittedServer)).rejects.toBeInstanceOf(UnreadableLock);
    expect(new Set(scene.freed.map((each) => each.key))).toEqual(new Set(others));
    expect(scene.isThere).toBe(true);
    scene.unreadable = null;
    scene.nowMs += timing.reconnectMs;
    await go(admittedServer);
    expect(scene.isThere).toBe(false);
    expect(scene.freed).toHaveLength(owned.length);
  });

  test("are freed even if one was being given to it at that moment", async () => {
    const admittedServer = await scene.connect();
    let give = (): void => {};
    const given = new Promise<void>((resolve) => {
      give = resolve;
    });
    const late = "character:late";
    const giving = scene.registry.gaining(
      admittedServer,
      given.then(() => scene.reclaim(late, admittedServer)),
    );
    const others = new Promise(() => {});
    void scene.registry.gaining({ server: "other", incarnation: "other" }, others);
    const gone = go(admittedServer);
    for (let round = 0; round < 50; round += 1) await Promise.resolve();
    give();
    await Promise.all([giving, gone]);
    expect(scene.freed).toEqual([{ key: late, hadServer: true }]);
    expect(scene.isThere).toBe(false);
  });

  test("are freed again if it got another one after its end", async () => {
    const admittedServer = await scene.connect();
    const keys = await scene.own(admittedServer, 2);
    await go(admittedServer);
    const late = "character:late";
    await scene.registry.gaining(admittedServer, scene.reclaim(late, admittedServer));
    await scene.registry.freeLate();
    expect(scene.freed.map((freed) => freed.key)).toEqual([...keys, late]);
  });

  test("are freed even if a request that would have given it another failed", async () => {
    const admittedServer = await scene.connect();
    const giving = scene.registry.gaining(admittedServer, Promise.reject(new Unavailable("no answer")));
    await expect(giving).rejects.toBeInstanceOf(Unavailable);
    await go(admittedServer);
    expect(scene.isThere).toBe(false);
  });

  test("are freed, and no locks of others", async () => {
    const admittedServer = await scene.connect();
    await scene.own(admittedServer, 3);
    const others = await scene.ownOther(3);
    await go(admittedServer);
    expect([...scene.state.locks.keys()]).toEqual(others);
  });

  test("are freed by the next server if the one that freed them was killed at any point", async () => {
    for (let killedAt = 1; ; killedAt += 1) {
      scene.failAt = () => false;
      const admittedServer = await scene.connect();
      const owned = await scene.own(admittedServer, 2);
      let steps = 0;
      scene.failAt = () => {
        steps += 1;
        return steps >= killedAt;
      };
      const outcome = await go(admittedServer).then(
        () => "done",
        (error) => error,
      );
      scene.failAt = () => false;
      // If locks are left, the server lock must still exist with a deadline. Then a sweep comes back to it.
      const isLeft = owned.some((each) => scene.state.locks.has(each));
      if (isLeft) expect(scene.isThere).toBe(true);
      // The lease ends in the first round, and the reconnect timer ends in the second.
      for (let time = 0; time < 2; time += 1) {
        scene.nowMs += timing.leaseMs + timing.reconnectMs;
        for (const due of await scene.store.due(10)) await scene.registry.expire(due);
      }
      expect([...scene.state.locks.keys()]).toEqual([]);
      if (outcome === "done") return expect(killedAt).toBeGreaterThan(6);
      expect(outcome).toBeInstanceOf(Unavailable);
    }
  });
});

test("the locks of a server are freed before its server lock even if another server changed that lock meanwhile", async () => {
  const admittedServer = await scene.connect();
  await scene.own(admittedServer, 2);
  scene.nowMs += timing.leaseMs;
  let looks = 0;
  scene.failAt = (what) => {
    looks += Number(what === `load ${key}`);
    const entry = scene.state.locks.get(key);
    // The registry reads the server lock twice: before it frees the locks of the server, and before it
    // changes the server lock. This change happens between the two reads.
    if (looks === 2 && entry !== undefined && scene.serverState === "connected") {
      const away = {
        ...JSON.parse(scene.value),
        state: "away",
        deadlineMs: scene.nowMs + timing.reconnectMs,
      };
      Object.assign(entry, { value: JSON.stringify(away), version: entry.version + 1 });
      scene.nowMs += timing.reconnectMs;
    }
    return false;
  };
  await scene.registry.expire(key);
  expect(scene.freed.map(({ hadServer }) => hadServer)).toEqual([true, true]);
  expect([...scene.state.locks.keys()]).toEqual([]);
});

describe("a server that is linked", () => {
  test("stays connected as long as its lock is renewed", async () => {
    const admittedServer = await scene.connect();
    for (let time = 0; time < 5; time += 1) {
      scene.nowMs += timing.leaseMs - 1;
      expect(await scene.registry.renew(admittedServer)).toBe(true);
      await scene.registry.expire(key);
      expect(scene.serverState).toBe("connected");
    }
  });

  test("is away if its lock was not renewed, keeps its locks, and is back at the next renewal", async () => {
    const admittedServer = await scene.connect();
    const owned = await scene.own(admittedServer, 2);
    scene.nowMs = timing.leaseMs;
    await scene.registry.expire(key);
    expect(scene.serverState).toBe("away");
    scene.nowMs += timing.reconnectMs - 1;
    await scene.registry.expire(key);
    expect(scene.freed).toEqual([]);
    expect(await scene.registry.renew(admittedServer)).toBe(true);
    expect(scene.serverState).toBe("connected");
    expect([...scene.state.locks.keys()]).toEqual(expect.arrayContaining([...owned]));
  });

  test("loses its lock if the renewal comes too late, and is told", async () => {
    const admittedServer = await scene.connect();
    await scene.own(admittedServer, 2);
    scene.nowMs = timing.leaseMs;
    await scene.registry.expire(key);
    scene.nowMs += timing.reconnectMs;
    expect(await scene.registry.renew(admittedServer)).toBe(false);
    await scene.registry.expire(key);
    expect(scene.freed).toHaveLength(2);
    expect(await scene.registry.renew(admittedServer)).toBe(false);
  });

  test("is not changed by late messages of its earlier incarnation", async () => {
    const older = await scene.connect();
    await scene.registry.leave(older);
    const newer = await scene.connect();
    const owned = await scene.own(newer, 2);
    expect(await scene.registry.renew(older)).toBe(false);
    await scene.registry.disconnect(older);
    await scene.registry.leave(older);
    expect(scene.serverState).toBe("connected");
    expect([...scene.state.locks.keys()]).toEqual([key, ...owned]);
    expect(await scene.registry.renew(newer)).toBe(true);
  });
});

test("a key is that of a server lock by its name", () => {
  expect([key, characterLockKey(1), "account:server:1"].map((each) => scene.registry.owns(each))).toEqual([
    true,
    false,
    false,
  ]);
});
