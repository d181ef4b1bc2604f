import { hashCookie } from "@sallyport/cluster-protocol";
import { createLog, problemsOfLine } from "@sallyport/server-kit";
import { until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Overheard } from "./cluster/overheard.ts";
import { type TestAccount, TestCluster } from "./cluster/test-cluster.ts";
import { Walker, wayIn } from "./cluster/walker.ts";

interface Line {
  readonly msg: string;
  readonly trace?: string;
  readonly accountId?: number;
  readonly remote?: string;
  readonly text: string;
}

const overheard = new Overheard();
const lines: Line[] = [];
let cluster: TestCluster;

beforeAll(async () => {
  const write = (text: string): void => {
    lines.push({ ...JSON.parse(text), text });
  };
  cluster = await TestCluster.start({ pair: overheard.pair, log: createLog("cluster", "debug", { write }) });
});
afterAll(() => cluster.stop());

/** Returns the lines that were written during `run`. */
async function linesOf(run: () => Promise<unknown>): Promise<readonly Line[]> {
  const from = lines.length;
  await run();
  return lines.slice(from);
}

async function hop(account: TestAccount, way: "logIn" | "prove" = "logIn"): Promise<void> {
  const walker = new Walker(cluster, account);
  await walker.go(...wayIn.map((step) => (step === "logIn" ? way : step)), "walk", "say", "goBack");
  await walker.go("reachChar", "enterChar", "choose", "reachMap", "enterMap", "leave");
  await cluster.untilFree(walker.ticket);
}

describe("the log of a hop", () => {
  test("marks the lines about one client on every server with one id, which no other login has", async () => {
    const account = await cluster.account();
    const first = await linesOf(() => hop(account));
    const trace = first.find(({ msg }) => msg === "logged in")?.trace ?? "none";
    expect(trace).toMatch(/^[0-9a-f]{12}$/);
    const told = first.filter((line) => line.trace === trace).map(({ msg }) => msg);
    for (const msg of ["logged in", "at character select", "character handed over", "playing", "left"]) {
      expect(told).toContain(msg);
    }

    const second = await linesOf(() => hop(account));
    expect(second.some((line) => line.trace === trace)).toBe(false);
    expect(second.some((line) => line.msg === "logged in")).toBe(true);
  });

  test("has no line about a client or an account without its id", async () => {
    const account = await cluster.account();
    const about = await linesOf(() => hop(account, "prove"));
    const unmarked = about.filter(
      ({ trace, accountId, remote, msg }) =>
        trace === undefined &&
        (accountId !== undefined || remote !== undefined) &&
        // A client that left the char or map door without valid ids has no account.
        msg !== "client disconnected",
    );
    expect(unmarked).toEqual([]);
  });

  test("has each refusal with its reason, and without the account name", async () => {
    const account = await cluster.account();
    const mistyped = { name: "hunter2_typed_as_name", password: "wrong horse" };
    const refused = await linesOf(async () => {
      for (const each of [{ ...account, password: mistyped.password }, mistyped]) {
        const walker = new Walker(cluster, each);
        await walker.go("reachLogin");
        expect(await walker.steps.logIn()).toMatchObject({ refusal: "wrong-name-or-password" });
        expect(await walker.steps.prove()).toMatchObject({ refusal: "wrong-name-or-password" });
        walker.cut("close");
      }
      await until(() => lines.at(-1)?.msg === "client disconnected", { what: "the last one is gone" });
    });
    expect(refused.filter(({ msg }) => msg === "login refused")).toHaveLength(4);
    const text = refused.map((line) => line.text).join("");
    for (const secret of [account.name, account.password, ...Object.values(mistyped)]) {
      expect(text).not.toContain(secret);
    }
  });
});

test("at debug, no line about hops, a kick and a lost link has a secret in any form, or a key twice", async () => {
  const account = await cluster.account();
  await hop(account);
  await hop(account, "prove");
  const playing = new Walker(cluster, account);
  await playing.go(...wayIn);
  const second = cluster.client();
  expect(await second.logIn({ ...account, way: "raw" })).toMatchObject({ refusal: "already-online" });
  await cluster.untilFree(playing.ticket);
  const again = new Walker(cluster, account);
  await again.go(...wayIn);
  const { length } = cluster.loginLinks;
  cluster.loginLinks.at(-1)?.[0].destroy();
  await until(() => cluster.loginLinks.length > length && cluster.char.isLinked, { what: "it is back" });
  const link = cluster.mapServers.get("map-1")?.links.at(-1);
  link?.[0].destroy();
  await until(() => !cluster.mapServer().isLinked, { what: "the link is gone" });
  await until(() => cluster.mapServer().isLinked, { what: "it is back" });
  // A cookie is a secret too.
  const cookies = [...cluster.cookies.values()];
  expect(cookies).toHaveLength(2);
  await again.go("leave");

  expect(lines.flatMap(({ text }) => problemsOfLine(text))).toEqual([]);
  const all = lines.map(({ text }) => text).join("");
  expect(lines.length).toBeGreaterThan(100);
  // Without recorded secrets the check would find nothing.
  expect(overheard.bytes.size).toBeGreaterThan(10);
  expect(overheard.loginIds.size).toBeGreaterThan(10);
  expect(overheard.loginIds).toContain(playing.ticket.loginId1);
  const found = [...overheard.writtenForms()].filter((form) => all.includes(form));
  expect(found).toEqual([]);
  for (const cookie of cookies) {
    for (const form of ["hex", "base64", "base64url"] as const)
      expect(all).not.toContain(Buffer.from(cookie).toString(form));
    expect(all).not.toContain(hashCookie(cookie));
  }
  for (const secret of [account.password, account.name, "link password"]) expect(all).not.toContain(secret);
});
