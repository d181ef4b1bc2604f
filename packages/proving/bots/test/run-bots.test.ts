import { readFileSync } from "node:fs";
import { refused } from "@sallyport/domain";
import { until } from "@sallyport/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { addresses, MemoryCluster, type Script } from "../../../sdk/test/memory-cluster.ts";
import {
  type BotsOptions,
  type BotsProgress,
  type BotsReport,
  describeReport,
  runBots,
} from "../src/index.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
let cluster: MemoryCluster;

const options = (): BotsOptions => ({
  bots: 4,
  durationMs: 60_000,
  rampMs: 0,
  connect: cluster.connect,
  login: addresses.login,
  namePrefix: "t",
  progressMs: 5,
});

/** Runs bots until `enough` returns true. Then the bots leave cleanly. */
async function run(
  more: Partial<BotsOptions>,
  enough: (progress: BotsProgress) => boolean,
): Promise<BotsReport> {
  const controller = new AbortController();
  const onProgress = (progress: BotsProgress): void => {
    if (enough(progress)) controller.abort();
  };
  return runBots({ ...options(), ...more, onProgress, signal: controller.signal });
}

const after = (hops: number) => (progress: BotsProgress) => progress.hops >= hops;
const afterErrors = (errors: number) => (progress: BotsProgress) => progress.errors >= errors;
const once = (script: Script): Script => {
  let done = false;
  return (command, door) => {
    const misdeed = done ? null : script(command, door);
    done ||= misdeed !== null;
    return misdeed;
  };
};

beforeEach(() => {
  cluster = new MemoryCluster();
});

describe("bots at a correct cluster", () => {
  it("tell it which program they are, and in which version", async () => {
    const introductions = new Set<boolean>();
    const connect: BotsOptions["connect"] = async (...to) => {
      const channel = await cluster.connect(...to);
      const send = channel.send.bind(channel);
      // The introduction comes first, in one write.
      channel.send = (bytes) => {
        channel.send = send;
        const text = Buffer.from(bytes).toString("latin1");
        introductions.add(text.includes("sallyport-bots") && text.includes(manifest.version));
        send(bytes);
      };
      return channel;
    };
    await run({ connect }, after(8));
    expect([...introductions]).toEqual([true]);
  });

  it("pass every door, find their state as they left it, and are all gone at the end", async () => {
    const report = await run({}, (progress) => {
      for (const charId of cluster.map.walkers.keys()) cluster.passOn(charId);
      return after(60)(progress);
    });
    expect(report.errors).toEqual({});
    expect(report.ok).toBe(true);
    expect(report.prepared).toBe(4);
    expect(report.hopsTotal).toBe(Object.values(report.hops).reduce((sum, count) => sum + count));
    for (const hop of Object.values(report.hops)) expect(hop).toBeGreaterThan(0);
    for (const door of Object.values(report.latencyMs)) expect(door.count).toBeGreaterThan(0);
    expect(report.rounds).toBeGreaterThan(0);
    expect(cluster.map.walkers.size).toBe(0);
  });

  it("create their accounts once and find them again in the next run", async () => {
    await run({}, after(8));
    const accounts = cluster.accounts.size;
    expect((await run({ passwordWay: "mixed" }, after(8))).ok).toBe(true);
    expect(cluster.accounts.size).toBe(accounts);
  });

  it("end by themselves when the time is up", async () => {
    // A busy machine needs some of this time for the first hop.
    const report = await runBots({ ...options(), bots: 1, durationMs: 2_000 });
    expect(report.errors).toEqual({});
    expect(report.ok).toBe(true);
    expect(report.seconds).toBeGreaterThanOrEqual(2);
  });

  it("wait and continue when they are asked to, and do not count it as an error", async () => {
    cluster.script = once((command) => (command.type === "char.enter" ? refused("busy", 1) : null));
    const report = await run({}, after(20));
    expect(report.errors).toEqual({});
    expect(report.refusals).toEqual({ "char enter: busy": 1 });
  });
});

describe("bots at a faulty cluster", () => {
  it("report a server that does not answer, and that no bot hopped", async () => {
    const connect = async (): Promise<never> => {
      throw new Error("nothing listens");
    };
    const report = await runBots({ ...options(), connect });
    expect(report).toMatchObject({ ok: false, prepared: 0, errors: { unreachable: { count: 4 } } });
  });

  it.each([
    ["hang-up", "disconnected"],
    ["nonsense", "protocol error"],
    [refused("map-unavailable"), "refused: map-unavailable"],
  ] as const)("report %o at a door as an error, and continue", async (misdeed, kind) => {
    cluster.script = once((command) => (command.type === "char.choose" ? misdeed : null));
    const report = await run({ bots: 2 }, (progress) => progress.errors > 0 && progress.hops > 20);
    expect(report.ok).toBe(false);
    expect(report.errors).toMatchObject({ [kind]: { count: 1 } });
  });

  it("report a kick with its reason", async () => {
    const running = run({ bots: 1, walksMax: 50 }, afterErrors(1));
    await until(() => cluster.map.walkers.size > 0, { what: "the bot is in the world" });
    for (const account of cluster.accounts.values()) account.kick?.();
    expect((await running).errors).toMatchObject({ "kicked: logged-in-elsewhere": { count: 1 } });
  });

  it("notice a character that is not where it was saved", async () => {
    cluster.script = (command) => {
      if (command.type !== "char.enter") return null;
      for (const { characters } of cluster.accounts.values()) {
        for (const character of characters) character.position = { map: "elsewhere", x: 5, y: 5 };
      }
      return null;
    };
    const report = await run({ bots: 1 }, afterErrors(1));
    expect(Object.keys(report.errors)).toEqual(["position lost"]);
  });

  it("notice a character of another account", async () => {
    const running = run({ bots: 1 }, afterErrors(1));
    await until(() => cluster.map.walkers.size > 0, { what: "the bot is in the world" });
    for (const account of cluster.accounts.values()) {
      account.characters = account.characters.map((each) => ({ ...each, name: "Somebody" }));
    }
    expect(Object.keys((await running).errors)).toEqual(["foreign character"]);
  });

  it("do not continue with an account that is not theirs", async () => {
    await runBots({ ...options(), bots: 1, durationMs: 1 });
    for (const [name, account] of cluster.accounts)
      cluster.accounts.set(name, { ...account, password: "other" });
    const report = await runBots({ ...options(), bots: 1, passwordWay: "raw" });
    expect(report.errors).toMatchObject({ "refused: wrong-name-or-password": { count: 1 } });
  });

  it("show the first error of each kind in the summary", async () => {
    cluster.script = once((command) => (command.type === "map.enter" ? "hang-up" : null));
    const report = await run({ bots: 1 }, afterErrors(1));
    const text = describeReport(report).join("\n");
    expect(text).toMatch(/disconnected +1/);
    expect(text).toContain("t_0 at map enter: closed by the other end");
  });
});
