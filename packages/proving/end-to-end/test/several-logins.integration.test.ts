import { systemClock } from "@sallyport/clock";
import { type DirectoryService, MemoryDirectory, RedisDirectory } from "@sallyport/directory";
import { must, type RunningRedis, startRedis, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accountFenceOf, type Player, play, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { publishChar, type SecondLogin, startSecondLogin } from "./cluster/second-login.ts";
import { type TestAccount, TestCluster, type TestClusterOptions } from "./cluster/test-cluster.ts";

/* There are two login-servers. The world is linked to the first one, and clients log in at the second one. */

let redis: RunningRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

interface Scene {
  readonly cluster: TestCluster;
  readonly second: SecondLogin;
  readonly account: TestAccount;
  readonly player: Player;
}

async function inScene(
  directory: DirectoryService,
  options: TestClusterOptions,
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const cluster = await TestCluster.start({ ...options, directory });
  const withdraw = publishChar(cluster, directory);
  const second = startSecondLogin(cluster, directory);
  try {
    const account = await cluster.account();
    await run({ cluster, second, account, player: await play(cluster, account) });
  } finally {
    await second.stop();
    await withdraw();
    await cluster.stop();
    await directory.close();
  }
}

/** Logs in at the second login-server, once it lists the world, and enters the map. */
async function playBySecond({ cluster, second, account }: Scene) {
  const client = second.client();
  const logIn = () => client.logIn({ ...account, way: "raw" });
  let loggedIn = await logIn();
  await until(
    async () => {
      if (loggedIn.ok || loggedIn.refusal !== "no-world") return true;
      loggedIn = await logIn();
      return false;
    },
    { what: "the second login-server lists the world" },
  );
  expect(must(loggedIn).worlds).toMatchObject([{ name: "Alpha", ...cluster.charAddress }]);
  const select = must(await client.enterWorld(cluster.charAddress));
  return must(await select.choose(select.characters[0]?.charId as never));
}

const directories: readonly (readonly [string, () => DirectoryService])[] = [
  ["one process", () => new MemoryDirectory({ nowMs: systemClock.nowMs })],
  ["Redis", () => new RedisDirectory({ url: redis.url, clock: systemClock, prefix: "several-logins:" })],
];

describe.each(directories)("over %s", (_which, open) => {
  test("a login takes over from a client in a world of the other login-server without waiting for a timer", async () => {
    // If the login waited for the timer, the test would time out.
    await inScene(
      open(),
      { secondLogin: "takeover", timing: { chooseMs: 600_000, evictMs: 600_000 } },
      async (scene) => {
        await walk(scene.player, { x: 3 });
        const { position } = scene.player.game;
        const newer = await playBySecond(scene);
        expect(await untilEnded(scene.player)).toBe("logged-in-elsewhere");
        // The older client was saved before it left, so nothing is lost.
        expect(newer.position).toEqual(position);
        must(await newer.leave());
        await scene.cluster.untilFree(ticketOf(scene.player));
      },
    );
  });
});

test("of a hundred logins at four login-servers, the last one is in the world and all others were told", async () => {
  const directory = new MemoryDirectory({ nowMs: systemClock.nowMs });
  await inScene(directory, { secondLogin: "takeover" }, async ({ cluster, account, player }) => {
    const others = Array.from({ length: 3 }, () => startSecondLogin(cluster, directory));
    const doors = [() => cluster.client(), ...others.map((other) => () => other.client())];
    const clients = Array.from({ length: 100 }, (_, index) => doors[index % doors.length]!());
    const bystander = { ...(await cluster.account()), way: "raw" } as const;
    const lists = async (other: SecondLogin) => (await other.client().logIn(bystander)).ok;
    for (const other of others) await until(() => lists(other), { what: "it lists the world" });
    const answers = await Promise.all(clients.map((client) => client.logIn({ ...account, way: "raw" })));
    for (const answer of answers) if (!answer.ok) expect(answer.refusal).toBe("overtaken");
    expect(await untilEnded(player)).toBe("logged-in-elsewhere");
    const granted = clients.filter((_, index) => answers[index]?.ok);
    const entries = await Promise.all(granted.map((client) => client.enterWorld(cluster.charAddress)));
    const selects = entries.flatMap((entry) => (entry.ok ? [entry.value] : []));
    for (const entry of entries) if (!entry.ok) expect(entry.refusal).toBe("not-logged-in");
    expect(selects).toHaveLength(1);
    const { accountId } = ticketOf(player);
    const fence = await accountFenceOf(cluster, account.name);
    expect(await cluster.accountLock({ accountId })).toMatchObject({ state: "held", fence });
    selects[0]?.leave();
    await cluster.untilFree({ accountId });
    for (const other of others) await other.stop();
  });
});

test("when hints between login-servers are lost, the evict timer decides, and the newer login continues", async () => {
  class Lossy extends MemoryDirectory {
    override async tell(): Promise<void> {}
  }
  const lossy = new Lossy({ nowMs: systemClock.nowMs });
  await inScene(lossy, { secondLogin: "takeover", timing: { evictMs: 1_000 } }, async (scene) => {
    // On a busy machine, a login that waits may be told to come again before the timer is carried out.
    const newer = await until(() => playBySecond(scene), { what: "the newer login continues" });
    // The reason depends on which of the two servers carries out the timer.
    expect(["lock-lost", "logged-in-elsewhere"]).toContain(await untilEnded(scene.player));
    must(await newer.leave());
    await scene.cluster.untilFree(ticketOf(scene.player));
  });
});
