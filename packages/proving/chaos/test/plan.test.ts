import { expect, test } from "vitest";
import { frontLinks, gatewayLinks, serverLinks, serverNames, storeLinks } from "../src/cluster/names.ts";
import { describePart, type Part } from "../src/cluster/part.ts";
import { authorNames, describePlan, planChaos, planOperator } from "../src/plan.ts";

const seeds = Array.from({ length: 50 }, (_, index) => index);
const durationMs = 120_000;
const planOf = (seed: number, losesRedis = false) => planChaos({ seed, durationMs, losesRedis });
const actsOf = (seed: number) => planOperator({ seed, durationMs, bots: 20 });

test("a seed makes the same plan each time, and another seed another", () => {
  expect(describePlan(planOf(1), actsOf(1))).toEqual(describePlan(planOf(1), actsOf(1)));
  expect(describePlan(planOf(1), [])).not.toEqual(describePlan(planOf(2), []));
  expect(describePlan([], actsOf(1))).not.toEqual(describePlan([], actsOf(2)));
});

test("a target of one fault is not hit by another before the first is over", () => {
  for (const seed of seeds) {
    const freeMs = new Map<string, number>();
    for (const { of, atMs, forMs } of planOf(seed)) {
      expect(atMs).toBeGreaterThan(freeMs.get(describePart(of)) ?? 0);
      freeMs.set(describePart(of), atMs + forMs);
    }
  }
});

test("every fault is over when the run ends, and some overlap", () => {
  const plans = seeds.map((seed) => planOf(seed));
  for (const { atMs, forMs } of plans.flat()) expect(atMs + forMs).toBeLessThanOrEqual(120_000);
  const overlaps = plans.flatMap((plan) =>
    plan.filter(({ atMs }, index) => plan.slice(0, index).some((other) => other.atMs + other.forMs > atMs)),
  );
  expect(overlaps.length).toBeGreaterThan(plans.length);
});

test("every server, link and door is hit sooner or later", () => {
  const parts: readonly Part[] = [
    ...serverNames.flatMap((name): Part[] => [
      { kind: "server", name },
      { kind: "door", name },
    ]),
    ...[...serverLinks, ...gatewayLinks, ...frontLinks, ...storeLinks].map(
      (name): Part => ({ kind: "link", name }),
    ),
  ];
  const hit = new Set(seeds.flatMap((seed) => planOf(seed)).map(({ of }) => describePart(of)));
  for (const part of parts) expect(hit).toContain(describePart(part));
});

test("each kind of fault comes, and Redis loses its data only if an option asks for it", () => {
  const kinds = (losesRedis: boolean): string[] => {
    const faults = seeds.flatMap((seed) => planOf(seed, losesRedis));
    return [...new Set(faults.map(({ kind, of }) => `${kind} ${of.kind}`))].sort();
  };
  const always = [
    ...["cut door", "cut link", "delay door", "delay link", "hold door", "hold link"],
    ...["kill postgres", "kill redis", "kill server", "pause postgres", "pause redis", "pause server"],
  ];
  expect(kinds(false)).toEqual(always);
  expect(kinds(true)).toEqual([...always, "empty redis", "lag redis"].sort());
});

test("an account has one act of the operator at a time, all are over in time, and most accounts are not banned", () => {
  for (const acts of seeds.map(actsOf)) {
    const freeMs = new Map<string, number>();
    for (const { account, atMs, forMs } of acts) {
      expect(atMs).toBeGreaterThan(freeMs.get(account) ?? 0);
      expect(atMs + forMs).toBeLessThanOrEqual(durationMs);
      freeMs.set(account, atMs + forMs);
      const bans = acts.filter(
        (act) => act.kind === "ban" && act.atMs <= atMs && act.atMs + act.forMs > atMs,
      );
      expect(bans.length).toBeLessThan(10);
    }
  }
});

test("each author is banned or gets a new password early, so that its token ends in a short run too", () => {
  for (const acts of seeds.map((seed) => planOperator({ seed, durationMs: 20_000, bots: 12 }))) {
    const ofAuthors = acts.filter(({ account }) => authorNames.includes(account));
    expect(new Set(ofAuthors.map(({ account }) => account))).toEqual(new Set(authorNames));
    expect(new Set(ofAuthors.map(({ kind }) => kind))).toEqual(new Set(["ban", "password"]));
    for (const { atMs } of ofAuthors) expect(atMs).toBeLessThanOrEqual(4_000);
  }
});

test("each kind of act comes, and bans come by the admin port and by SQL", () => {
  const kinds = new Set(seeds.flatMap(actsOf).map(({ kind, by }) => `${kind} by ${by}`));
  const byPort = ["ban", "kick", "password", "password and leave", "rename"].map(
    (kind) => `${kind} by admin port`,
  );
  expect([...kinds].sort()).toEqual([...byPort, "ban by SQL"].sort());
});
