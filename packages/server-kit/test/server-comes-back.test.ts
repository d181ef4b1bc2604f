import { hashCookie } from "@sallyport/cluster-protocol";
import { beforeEach, describe, expect, test } from "vitest";
import type { AdmittedServer } from "../src/index.ts";
import { key, type Linked, RegistryScene, server, timing } from "./registry-scene.ts";

let scene: RegistryScene;

beforeEach(() => {
  scene = new RegistryScene();
});

const cookieUnknown = { ok: false, refusal: "cookie-unknown" };

describe("a server whose link dropped", () => {
  test("comes back by its cookie in a new incarnation, and can reclaim its locks", async () => {
    const first = await scene.connect();
    const owned = await scene.own(first, 3);
    await scene.registry.disconnect(first);
    scene.nowMs += timing.reconnectMs - 1;
    const back = await scene.admit(first.cookie);
    expect(back.incarnation).not.toBe(first.incarnation);
    expect(back.cookie).not.toEqual(first.cookie);
    expect(back.earlier).toEqual([first.incarnation]);
    expect(scene.freed).toEqual([]);
    expect([...scene.state.locks.keys()]).toEqual([key, ...owned]);
  });

  test("costs two writes, however many locks it owned", async () => {
    const first = await scene.connect();
    await scene.own(first, 2_000);
    let writes = 0;
    scene.failAt = (what) => {
      if (what.startsWith("change")) writes += 1;
      return false;
    };
    await scene.registry.disconnect(first);
    await scene.admit(first.cookie);
    expect(writes).toBe(2);
  });

  test("loses exactly the locks that it has not reclaimed when it says that it is done", async () => {
    const first = await scene.connect();
    const [kept, left] = (await scene.own(first, 2)) as [string, string];
    await scene.registry.disconnect(first);
    const back = await scene.admit(first.cookie);
    await scene.reclaim(kept, back);
    await scene.registry.reclaimed(back);
    expect(scene.freed).toEqual([{ key: left, hadServer: true }]);
    scene.nowMs += timing.leaseMs - 1;
    expect(await scene.registry.renew(back)).toBe(true);
    expect([...scene.state.locks.keys()]).toEqual([key, kept]);
  });

  test("loses the locks that it has not reclaimed when the reclaim timer ends, and stays linked", async () => {
    const first = await scene.connect();
    await scene.own(first, 1_203);
    await scene.registry.disconnect(first);
    const back = await scene.admit(first.cookie);
    const endMs = scene.nowMs + timing.reclaimMs;
    for (; scene.nowMs + 9_000 < endMs; scene.nowMs += 9_000) await scene.registry.renew(back);
    await scene.registry.renew(back);
    scene.nowMs = endMs - 1;
    await scene.registry.expire(key);
    expect(scene.freed).toEqual([]);
    scene.nowMs = endMs;
    expect(await scene.store.due(10)).toEqual([key]);
    await scene.registry.expire(key);
    expect(scene.freed).toHaveLength(1_203);
    expect(scene.serverState).toBe("connected");
    expect(scene.heard.lines.at(-1)).toMatchObject({
      peer: server,
      msg: "server did not reclaim all its locks in time; the rest are free",
    });
  });

  test("that drops again in the middle of reclaiming may reclaim the locks of both incarnations", async () => {
    const first = await scene.connect();
    const [kept, left] = (await scene.own(first, 2)) as [string, string];
    await scene.registry.disconnect(first);
    const second = await scene.admit(first.cookie);
    await scene.reclaim(kept, second);
    await scene.registry.disconnect(second);
    scene.nowMs += timing.reconnectMs - 1;
    const third = await scene.admit(second.cookie);
    expect(third.earlier).toEqual([first.incarnation, second.incarnation]);
    await scene.reclaim(left, third);
    await scene.registry.reclaimed(third);
    expect(scene.freed).toEqual([{ key: kept, hadServer: true }]);
  });

  test("comes back with the previous cookie if the answer with the new one was lost", async () => {
    const first = await scene.connect();
    await scene.registry.disconnect(first);
    const unheard = await scene.admit(first.cookie);
    await scene.registry.disconnect(unheard);
    const back = await scene.admit(first.cookie);
    expect(back.earlier).toEqual([first.incarnation, unheard.incarnation]);
    // The server says that it has reclaimed its locks. This shows that the new cookie has arrived.
    await scene.registry.reclaimed(back);
    await scene.registry.disconnect(back);
    expect(await scene.registry.admit(server, first.cookie)).toMatchObject(cookieUnknown);
    expect(await scene.registry.admit(server, unheard.cookie)).toMatchObject(cookieUnknown);
    expect((await scene.registry.admit(server, back.cookie)).ok).toBe(true);
  });

  test("waits until the end of its own link is recorded, and not for its lease", async () => {
    const first = await scene.connect();
    const gone = scene.registry.disconnect(first);
    expect((await scene.registry.admit(server, first.cookie)).ok).toBe(true);
    await gone;
  });

  test("is no longer known after its timer, even before a sweep", async () => {
    const first = await scene.connect();
    await scene.registry.disconnect(first);
    scene.nowMs += timing.reconnectMs;
    expect(await scene.registry.admit(server, first.cookie)).toMatchObject(cookieUnknown);
    await scene.registry.expire(key);
    expect(await scene.registry.admit(server, first.cookie)).toMatchObject(cookieUnknown);
    expect((await scene.registry.admit(server, null)).ok).toBe(true);
  });

  test("is asked to come again if the store does not answer", async () => {
    const first = await scene.connect();
    await scene.registry.disconnect(first);
    scene.failAt = () => true;
    expect(await scene.registry.admit(server, first.cookie)).toMatchObject({ refusal: "unavailable" });
    scene.failAt = () => false;
    expect((await scene.registry.admit(server, first.cookie)).ok).toBe(true);
  });

  test("is readmitted once if two show the same cookie at once", async () => {
    const first = await scene.connect();
    await scene.registry.disconnect(first);
    const both = await Promise.all([1, 2].map(() => scene.registryOf().admit(server, first.cookie)));
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe("a cookie is refused, is not in the log, and changes nothing,", () => {
  const shown: readonly [string, (first: Linked) => Promise<Uint8Array>][] = [
    ["that was guessed", async () => new Uint8Array(32).fill(99)],
    [
      "of another server",
      async () => {
        const admitted = await scene.registry.admit("map-2", null);
        return admitted.ok ? admitted.value.cookie : new Uint8Array(32);
      },
    ],
    [
      "that was used before",
      async (first) => {
        await scene.registry.disconnect(first);
        await scene.registry.reclaimed(await scene.admit(first.cookie));
        return first.cookie;
      },
    ],
  ];

  test.each(shown)("if it is one %s, while the server is connected and while it is away", async (_, show) => {
    const cookie = await show(await scene.connect());
    const now = JSON.parse(scene.value) as { incarnation: AdmittedServer["incarnation"] };
    const before = scene.value;
    expect(await scene.registry.admit(server, cookie)).toMatchObject(cookieUnknown);
    expect(scene.value).toBe(before);
    await scene.registry.disconnect({ server, ...now });
    const away = scene.value;
    expect(await scene.registry.admit(server, cookie)).toMatchObject(cookieUnknown);
    expect(scene.value).toBe(away);
    const said = scene.heard.lines.filter(({ msg }) => msg === "a cookie was refused");
    expect(said).toMatchObject([
      { peer: server, why: "cookie-wrong" },
      { peer: server, why: "cookie-wrong" },
    ]);
    expect(JSON.stringify(said)).not.toContain(Buffer.from(cookie).toString("hex"));
    expect(JSON.stringify(said)).not.toContain(hashCookie(cookie));
  });

  test.each([false, true])("if its server is connected, with isAlone %s", async (isAlone) => {
    scene.registry = scene.registryOf(isAlone);
    const first = await scene.connect();
    scene.nowMs = 4_000;
    const before = scene.value;
    expect(await scene.registry.admit(server, first.cookie)).toEqual({
      ok: false,
      refusal: "server-lock-exists",
      retryAfterMs: 6_000,
    });
    expect(scene.value).toBe(before);
    expect(await scene.registry.renew(first)).toBe(true);
  });

  test("if it belongs to no server", async () => {
    expect(await scene.registry.admit(server, new Uint8Array(32))).toMatchObject(cookieUnknown);
    expect(scene.isThere).toBe(false);
  });
});

describe("a server whose peer died", () => {
  test("is readmitted when its lease is over, if other servers answer links too", async () => {
    const first = await scene.connect();
    scene.registry = scene.registryOf();
    scene.nowMs = timing.leaseMs - 1;
    expect(await scene.registry.admit(server, first.cookie)).toMatchObject({ refusal: "server-lock-exists" });
    scene.nowMs = timing.leaseMs;
    expect((await scene.registry.admit(server, first.cookie)).ok).toBe(true);
  });

  test("is readmitted at once if no other server answers links", async () => {
    const first = await scene.connect();
    const owned = await scene.own(first, 2);
    scene.registry = scene.registryOf(true);
    expect((await scene.admit(first.cookie)).earlier).toEqual([first.incarnation]);
    expect([...scene.state.locks.keys()]).toEqual([key, ...owned]);
  });

  test("is not admitted without its cookie, even if no other server answers links", async () => {
    await scene.connect();
    scene.registry = scene.registryOf(true);
    expect(await scene.registry.admit(server, null)).toMatchObject({ refusal: "server-lock-exists" });
    expect(await scene.registry.admit(server, new Uint8Array(32))).toMatchObject(cookieUnknown);
    expect(scene.serverState).toBe("connected");
  });
});
