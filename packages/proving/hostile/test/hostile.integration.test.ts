import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SallyportProcess } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostileReport } from "../src/hostile-report.ts";

/* Runs the whole program at a small size, with real processes and every attack. */

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const sizes = {
  ...{ bots: 8, quiet: 2, flood: 2, patience: 20, settle: 30 },
  ...{ "half-open": 144, "slow-readers": 44, "lying-lengths": 288, junk: 200 },
  ...{ "request-flood": 40, "password-flood": 60, "connect-flood": 36, "first-packet-flood": 36 },
  ...{ guesses: 12, registrations: 8, "login-servers": 2 },
  // The usual attackers would wait for other tests to leave them processor time.
  nice: 0,
  ...{ "proxy-headers": 245, crumbs: 36, spoiled: 160, crowd: 700 },
  // Resident memory is allowed to grow by this many percent. V8 and the allocator do not fill their reserves
  // in a few seconds, so it grows here even without a leak. Memory in use has its usual limit.
  growth: 40,
};
const settings = [
  ...["LOGIN", "CHAR", "MAP", "FRONT", "RESOURCE"].flatMap((door) => [
    `${door}_FIRST_COMMAND_MS=6000`,
    `${door}_HANDSHAKE_MS=3000`,
    `${door}_NEWCOMERS_PER_ADDRESS_MAX=20`,
    `${door}_AHEAD_MS=3000`,
  ]),
  ...["FIRST_PACKET_MS=6000", "HANDSHAKE_MS=3000", "NEWCOMERS_PER_ADDRESS_MAX=20"].map(
    (setting) => `GATEWAY_${setting}`,
  ),
  "LOGIN_LINK_HANDSHAKE_MS=3000",
  "CHAR_LINK_HANDSHAKE_MS=3000",
];

const folder = mkdtempSync(join(tmpdir(), "sallyport-hostile-test-"));
let exitCode: number;
let report: HostileReport;
let said = "";

beforeAll(async () => {
  const json = join(folder, "report.json");
  const args = [
    ...Object.entries(sizes).flatMap(([name, size]) => [`--${name}`, String(size)]),
    ...settings.flatMap((setting) => ["--set", setting]),
  ];
  const program = new SallyportProcess({
    name: "hostile",
    program: [main],
    args: [...args, "--json", json],
    environment: process.env as Record<string, string>,
    folder,
  });
  program.spawn();
  exitCode = await program.untilEnded();
  said = program.output;
  // Without a report, the program itself failed, and not a server.
  if (!existsSync(json)) throw new Error(`no report:\n${said}`);
  report = JSON.parse(readFileSync(json, "utf8")) as HostileReport;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("beside hostile clients,", () => {
  test("no bot meets an error, nothing is left behind, and the report says so", () => {
    expect(report.problems, said).toEqual([]);
    expect(exitCode, said).toBe(0);
    for (const talk of Object.values(report.talk)) expect(talk.heard).toBe(talk.said);
    for (const played of Object.values(report.bots).flatMap((bots) => Object.values(bots))) {
      expect(played.errors).toEqual({});
      expect(played.hopsTotal).toBeGreaterThan(0);
    }
  });

  test("every server stays up, and logs no secret", () => {
    expect(report.servers.map(({ name, isRunning, leaks }) => ({ name, isRunning, leaks }))).toEqual(
      ["login", "login-2", "char", "map", "gateway", "front", "resource"].map((name) => ({
        name,
        isRunning: true,
        leaks: 0,
      })),
    );
  });

  test("each attack reached the servers as often as planned", () => {
    const connected = Object.fromEntries(report.attacks.map((attack) => [attack.name, attack.connected]));
    const counted = [
      "half-open",
      "lying-lengths",
      "junk",
      "password-flood",
      "proxy-headers",
      "crumbs",
      "spoiled",
    ] as const;
    for (const name of counted) expect(connected[name], name).toBe(sizes[name]);
    for (const name of ["slow-readers", "request-flood", "connect-flood", "first-packet-flood"] as const)
      expect(connected[name], name).toBeGreaterThanOrEqual(sizes[name]);
  });

  test("servers disconnect clients that never send a whole message", () => {
    const halfOpen = report.attacks.find(({ name }) => name === "half-open");
    expect(halfOpen).toMatchObject({ ended: sizes["half-open"], hungUp: 0 });
    for (const { name, ended } of report.servers) {
      expect(ended["no-command"], name).toBeGreaterThan(0);
      // A resource-server answers what it cannot read, and ends the connection then.
      const strange = name === "resource" ? "server" : "first-bytes";
      expect(ended[strange], name).toBeGreaterThan(0);
    }
  });

  test("an address with too many connections over HTTP keeps nobody else out", () => {
    const crowd = report.attacks.find(({ name }) => name === "crowd");
    expect(crowd?.answers["answered"]).toBeGreaterThan(0);
    expect(crowd?.answers).not.toHaveProperty("kept out");
    expect(crowd?.connected).toBeGreaterThan(sizes.crowd);
  });

  test("a client that sends a PROXY header and is no proxy is disconnected, and the header is ignored", () => {
    const lying = report.attacks.find(({ name }) => name === "proxy-headers");
    expect(lying).toMatchObject({ ended: sizes["proxy-headers"], hungUp: 0 });
  });

  test("guesses and registrations at several login-servers stop at the same numbers as at one", () => {
    const answersOf = (attack: string) => report.attacks.find(({ name }) => name === attack)?.answers ?? {};
    const { "wrong-name-or-password": wrong = 0, "too-many-attempts": limited = 0 } = answersOf("guesses");
    const { accepted = 0, "too-many-accounts": beyond = 0 } = answersOf("registrations");
    for (const count of [wrong, limited, accepted, beyond]) expect(count).toBeGreaterThan(0);
    expect(wrong).toBeLessThanOrEqual(5 * sizes.guesses);
    expect(accepted).toBeLessThanOrEqual(3 * sizes.registrations);
  });

  test("no client is admitted with a wrong password", () => {
    const flood = report.attacks.find(({ name }) => name === "password-flood");
    expect(flood?.connected).toBeGreaterThan(0);
    // On a slow machine few attempts get an answer in time.
    const answers = Object.keys(flood?.answers ?? {});
    const refusals = ["busy", "too-many-attempts", "wrong-name-or-password"];
    expect(answers.filter((answer) => !refusals.includes(answer))).toEqual([]);
  });
});
