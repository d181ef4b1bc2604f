import { ManualClock, until } from "@sallyport/testkit";
import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../src/load/command-line.ts";
import { describeReport, progressLine } from "../src/load/report.ts";
import { type LoadOptions, runLoad } from "../src/load/run-load.ts";
import { mainProfile } from "../src/wire/profile.ts";
import { serverRows } from "../src/wire/server-packets.ts";
import { wholeGamePackets } from "../src/wire/whole-game-packets.ts";
import { bytes, recorded, serverChangedTo } from "./bytes.ts";
import { SmallCluster } from "./small-cluster.ts";

const accounts = ["ann", "bob", "cid", "dan", "eve", "fay"];

const optionsFor = (cluster: SmallCluster, more: Partial<LoadOptions> = {}): LoadOptions => ({
  login: cluster.login,
  accounts,
  password: "secret",
  concurrency: 3,
  phase: "hop",
  register: false,
  create: false,
  walk: true,
  stayMs: 0,
  withinMs: 5_000,
  ...more,
});

describe("the load, at correct servers,", () => {
  it("takes each account through all doors once, a set number at a time", async () => {
    const cluster = await SmallCluster.open();
    const report = await runLoad(optionsFor(cluster, { concurrency: 2 }));
    expect(report.errors).toEqual({});
    expect(report).toMatchObject({ ok: true, rounds: 6, roundsWell: 6, accounts: 6, phase: "hop" });
    expect(cluster.logins.toSorted()).toEqual(accounts);
    expect(cluster.onMapMost).toBe(2);
    const { login, choose, walk, say, time, "map enter": mapEnter } = report.stepsMs;
    for (const step of [login, choose, mapEnter, walk, say, time]) expect(step.count).toBe(6);
    expect(report.spansMs["to the map"].count).toBe(6);
    expect(report.stepsMs["char enter"].count).toBe(6 + report.stepsMs.restart.count);
    expect(report.stepsMs.quit.count + report.stepsMs.restart.count).toBeGreaterThan(0);
  });

  it.each([
    ["login", ["login"]],
    ["char", ["login", "char enter", "close"]],
  ] as const)("goes no further than the phase %s", async (phase, taken) => {
    const report = await runLoad(optionsFor(await SmallCluster.open(), { phase }));
    expect(report).toMatchObject({ ok: true, rounds: 6 });
    const steps = Object.entries(report.stepsMs).filter(([, { count }]) => count > 0);
    expect(steps.map(([step]) => step)).toEqual(taken);
  });

  it("registers only at the first login, and creates the first character", async () => {
    const cluster = await SmallCluster.open({ hasNoCharacters: true });
    const controller = new AbortController();
    const run = runLoad(
      optionsFor(cluster, {
        accounts: ["ann"],
        register: true,
        create: true,
        durationMs: 60_000,
        signal: controller.signal,
      }),
    );
    await until(() => cluster.logins.length >= 3, { what: "three rounds" });
    controller.abort();
    const report = await run;
    expect(cluster.logins.slice(0, 3)).toEqual(["ann_M", "ann", "ann"]);
    expect(report).toMatchObject({ ok: true, errors: {} });
    expect(report.stepsMs.create.count).toBe(report.rounds);
    expect(report.stepsMs.register.count).toBe(1);
  });

  it.each([
    ["entered the map", 0x007d, false],
    ["asked for the time", 0x0089, false],
    ["was told the time", 0x0089, true],
    ["walks", 0x00a7, false],
    ["speaks", 0x00f3, false],
    ["has spoken", 0x00f3, true],
    ["goes back to its characters", 0x00b2, false],
    ["quits", 0x018a, false],
  ])("repeats at the next server a request that was open when it %s", async (_, when, isAnswered) => {
    const sent = new Set<number>();
    const map = (opcode: number, port: number): Buffer | null => {
      if (opcode !== when || sent.has(opcode)) return null;
      sent.add(opcode);
      const answer = opcode === 0x0089 ? recorded.timeTold : bytes("8e00 0a00 68656c6c6f 00");
      return isAnswered ? bytes(answer, serverChangedTo(port)) : serverChangedTo(port);
    };
    const report = await runLoad(optionsFor(await SmallCluster.open({ map })));
    expect(report.errors).toEqual({});
    expect(report).toMatchObject({ ok: true, rounds: 6, roundsWell: 6, hops: sent.size });
    expect(describeReport(report)).toContain("1 hop from one map-server to another.");
  });

  it("continues at the last server if it is sent on twice at once", async () => {
    let sentOn = 0;
    const map = (opcode: number, port: number): Buffer | null => {
      if (opcode === 0x0436 && sentOn === 1) {
        sentOn += 1;
        return bytes(recorded.accountId, recorded.mapEntered, serverChangedTo(port));
      }
      if (opcode !== 0x0089 || sentOn > 0) return null;
      sentOn += 1;
      return serverChangedTo(port);
    };
    const report = await runLoad(optionsFor(await SmallCluster.open({ map }), { accounts: ["ann"] }));
    expect(report).toMatchObject({ ok: true, errors: {}, hops: 2 });
  });

  it("plays a set number of rounds with each account", async () => {
    const report = await runLoad(optionsFor(await SmallCluster.open(), { rounds: 3, phase: "login" }));
    expect(report).toMatchObject({ ok: true, errors: {}, rounds: 18, roundsWell: 18 });
  });

  it("plays with all accounts in turn until the time is over", async () => {
    const cluster = await SmallCluster.open();
    const clock = new ManualClock();
    const run = runLoad(optionsFor(cluster, { durationMs: 300, phase: "login", clock }));
    await until(() => cluster.logins.length > 2 * accounts.length, { what: "each account came twice" });
    await clock.advance(300);
    const report = await run;
    expect(report).toMatchObject({ ok: true, errors: {} });
    expect(new Set(cluster.logins.slice(0, accounts.length)).size).toBe(accounts.length);
  });

  it("ends early on request, with all clients gone", async () => {
    const cluster = await SmallCluster.open();
    const controller = new AbortController();
    const options = optionsFor(cluster, { stayMs: 60_000, walk: false, signal: controller.signal });
    const run = runLoad(options);
    await until(() => cluster.onMapMost === 3, { what: "three are on the map" });
    controller.abort();
    expect(await run).toMatchObject({ ok: true, rounds: 3, errors: {} });
  });
});

describe("the load, at faulty servers,", () => {
  it("counts errors by kind, with the first of each", async () => {
    const cluster = await SmallCluster.open({
      login: (user) => (user < "c" ? recorded.loginRefused : user < "d" ? bytes("8100 02") : null),
      map: (opcode) => (opcode === 0x0436 ? bytes("7400 01") : null),
    });
    const report = await runLoad(optionsFor(cluster));
    expect(report.errors).toMatchObject({
      "login: AC_REFUSE_LOGIN 1": { count: 2 },
      "login: SC_NOTIFY_BAN 2": { count: 1, first: "cid at login" },
      "map enter: ZC_REFUSE_ENTER 1": { count: 3 },
    });
    expect(report).toMatchObject({ ok: false, errorsTotal: 6, rounds: 6, roundsWell: 0 });
  });

  it.each([
    ["the last connection is still known", "08", "8"],
    ["there are too many at once", "04", "4"],
  ])("tries again while %s, and reports it", async (_, code, said) => {
    const refusals = new Map<string, number>();
    const login = (user: string): Buffer | null => {
      const before = refusals.get(user) ?? 0;
      refusals.set(user, before + 1);
      return before < 2 ? bytes(`8100 ${code}`) : null;
    };
    const options = { accounts: ["ann"], register: true };
    const registering = await runLoad(optionsFor(await SmallCluster.open({ login }), options));
    expect(registering).toMatchObject({ ok: true, refusals: { [`register: SC_NOTIFY_BAN ${said}`]: 2 } });
    const report = await runLoad(optionsFor(await SmallCluster.open({ login }), { accounts: ["bob"] }));
    expect(report).toMatchObject({ ok: true, refusals: { [`login: SC_NOTIFY_BAN ${said}`]: 2 } });
    expect(report.stepsMs.login.count).toBe(3);
  });

  it("can be stopped while it tries again, without an error", async () => {
    const login = (): Buffer | null => bytes("8100 08");
    const controller = new AbortController();
    const cluster = await SmallCluster.open({ login });
    const run = runLoad(optionsFor(cluster, { accounts: ["ann"], signal: controller.signal }));
    await until(() => cluster.logins.length >= 2, { what: "it has tried again" });
    controller.abort();
    expect(await run).toMatchObject({ rounds: 1, errors: {} });
  });

  it("comes again if no map-server has the map, and reports a failure meanwhile", async () => {
    const choose = (): Buffer => bytes("8100 01");
    const report = await runLoad(optionsFor(await SmallCluster.open({ choose })));
    expect(report).toMatchObject({ ok: false, errors: {}, rounds: 6, roundsWell: 0 });
    expect(report.refusals).toEqual({ "choose: SC_NOTIFY_BAN 1": 6 });
  });

  it("registers no account twice: it logs in after a refusal", async () => {
    const login = (user: string): Buffer | null =>
      user.endsWith("_M") ? bytes("6a00 01", Buffer.alloc(20)) : null;
    const cluster = await SmallCluster.open({ login });
    const report = await runLoad(optionsFor(cluster, { accounts: ["ann"], register: true }));
    expect(report).toMatchObject({ ok: true, refusals: { "register: AC_REFUSE_LOGIN 1": 1 } });
    expect(cluster.logins).toEqual(["ann_M", "ann"]);
  });

  it("names the kick that ended a wait, and the silence that did", async () => {
    const kicking = { map: (opcode: number) => (opcode === 0x00f3 ? bytes("8100 0f") : null) };
    const kicked = await runLoad(optionsFor(await SmallCluster.open(kicking), { accounts: ["ann"] }));
    expect(Object.keys(kicked.errors)).toEqual(["say: kicked, 0081 15"]);
    const dumb = { map: (opcode: number) => (opcode === 0x00f3 ? Buffer.alloc(0) : null) };
    const silent = await runLoad(
      optionsFor(await SmallCluster.open(dumb), { accounts: ["ann"], withinMs: 50 }),
    );
    expect(Object.keys(silent.errors)).toEqual(["say: timed-out"]);
  });

  it("counts mistakes in the bytes, unless they are to be tolerated", async () => {
    const nonsense = {
      map: (opcode: number) => (opcode === 0x0089 ? bytes(recorded.timeTold, recorded.vanished) : null),
    };
    const report = await runLoad(optionsFor(await SmallCluster.open(nonsense), { accounts: ["ann"] }));
    expect(report.errors).toMatchObject({ "protocol: unit-unknown": { count: 2 } });
    expect(report).toMatchObject({ ok: false, rounds: 1, roundsWell: 0 });
    const tolerated = new Set(["unit-unknown"] as const);
    const tolerant = optionsFor(await SmallCluster.open(nonsense), { accounts: ["ann"], tolerated });
    expect(await runLoad(tolerant)).toMatchObject({ ok: true });
  });

  it("reports a server that does not answer, and a missing character", async () => {
    const cluster = await SmallCluster.open({ hasNoCharacters: true });
    const without = await runLoad(optionsFor(cluster, { accounts: ["ann"] }));
    expect(Object.keys(without.errors)).toEqual(["no character"]);
    await cluster.login.close();
    const report = await runLoad(optionsFor(cluster, { accounts: ["ann"] }));
    expect(report.errors).toMatchObject({ "login: unreachable": { count: 1 } });
  });

  it("walks to another cell if it may not go to the first", async () => {
    const stopped = bytes("8800 81841e00 9c00 bf00");
    let stops = 2;
    const map = (opcode: number): Buffer | null => {
      if (opcode !== 0x00a7 || stops === 0) return null;
      stops -= 1;
      return stopped;
    };
    const report = await runLoad(optionsFor(await SmallCluster.open({ map }), { accounts: ["ann"] }));
    expect(report).toMatchObject({ ok: true, refusals: { "walk: stopped": 2 } });
    const never = { map: (opcode: number) => (opcode === 0x00a7 ? stopped : null) };
    const stuck = await runLoad(optionsFor(await SmallCluster.open(never), { accounts: ["ann"] }));
    expect(Object.keys(stuck.errors)).toEqual(["walk: never"]);
  });

  it("notices a kick while it stays", async () => {
    const kicking = (opcode: number): Buffer | null =>
      opcode === 0x0089 ? bytes(recorded.timeTold, "8100 0f") : null;
    const cluster = await SmallCluster.open({ map: kicking });
    const report = await runLoad(optionsFor(cluster, { accounts: ["ann"], walk: false }));
    expect(Object.keys(report.errors)).toEqual(["stay: kicked, 0081 15"]);
  });

  it("reports a failure if no client got through, even without an error", async () => {
    const report = await runLoad(optionsFor(await SmallCluster.open(), { signal: AbortSignal.abort() }));
    expect(report).toMatchObject({ ok: false, rounds: 0, errors: {} });
  });

  it("waits for no answer for ever", async () => {
    const clock = new ManualClock();
    const dumb = { map: (opcode: number) => (opcode === 0x00f3 ? Buffer.alloc(0) : null) };
    const cluster = await SmallCluster.open(dumb);
    const controller = new AbortController();
    let said = 0;
    const options = { accounts: ["ann"], clock, withinMs: 600_000, signal: controller.signal };
    const run = runLoad(
      optionsFor(cluster, {
        ...options,
        onProgress: ({ onMap }) => {
          said = onMap;
        },
      }),
    );
    const isOnMap = async (): Promise<boolean> => {
      await clock.advance(250);
      return said === 1;
    };
    await until(isOnMap, { what: "a player is on the map" });
    controller.abort();
    await clock.advance(45_000);
    const report = await run;
    expect(Object.keys(report.errors).toSorted()).toEqual(["did not leave", "say: closed"]);
  });

  it("does not follow a server to another machine", async () => {
    const report = await runLoad(
      optionsFor(await SmallCluster.open(), { accounts: ["ann"], mayGoTo: () => false }),
    );
    expect(report.errors["login: unreachable"]?.first).toContain("another machine");
  });
});

describe("packets of whole games", () => {
  it("have one length each, and are not among those that the client reads", () => {
    const opcodes = [...wholeGamePackets.keys()];
    const read = new Set(serverRows(mainProfile).map(({ opcode }) => opcode));
    expect(opcodes.filter((opcode) => read.has(opcode))).toEqual([]);
    expect(opcodes.length).toBeGreaterThan(100);
    for (const length of wholeGamePackets.values()) expect(length === -1 || length >= 3).toBe(true);
  });
});

describe("the command line", () => {
  it("needs no options", () => {
    expect(parseCommandLine([])).toMatchObject({
      ok: true,
      value: { login: { host: "127.0.0.1", port: 6900 }, phase: "hop", concurrency: 50, packetver: 20100105 },
    });
  });

  it("accepts every option", () => {
    const args =
      "--login [::1]:7000 --accounts a%03d --password p --first 9 --total 3 --concurrency 2 --phase char --seconds 5 --register --create --walk --stay 2 --timeout 3 --manner robrowser --packetver 20101228 --whole-game --tolerate text,unit-twice --seed 3 --json -";
    expect(parseCommandLine(args.split(" "))).toEqual({
      ok: true,
      value: {
        login: { host: "::1", port: 7000 },
        accounts: ["a009", "a010", "a011"],
        password: "p",
        concurrency: 2,
        phase: "char",
        seconds: 5,
        register: true,
        create: true,
        walk: true,
        stay: 2,
        timeout: 3,
        manner: "robrowser",
        packetver: 20101228,
        wholeGame: true,
        tolerate: ["text", "unit-twice"],
        seed: 3,
        json: "-",
        anywhere: false,
      },
    });
  });

  it.each([
    ["--login", "localhost"],
    ["--login", "localhost:0"],
    ["--login", "localhost:65536"],
    ["--accounts", "load"],
    ["--accounts", "%d%d"],
    ["--accounts", "much_too_long_for_them_%d"],
    ["--total", "0"],
    ["--total", "100001"],
    ["--concurrency", "10001"],
    ["--seconds", "86401"],
    ["--phase", "all"],
    ["--packetver", "20040101"],
    ["--tolerate", "everything"],
    ["--unknown"],
  ])("refuses %s %s", (...args) => {
    const parsed = parseCommandLine(args);
    expect(parsed).toMatchObject({ ok: false, exitCode: 2 });
    expect(parsed.ok || parsed.text).toMatch(/\S/);
  });

  it("keeps the load on this machine unless an option says otherwise", () => {
    expect(parseCommandLine(["--login", "10.0.0.1:6900"])).toMatchObject({ ok: false, exitCode: 2 });
    expect(parseCommandLine(["--login", "10.0.0.1:6900", "--anywhere"])).toMatchObject({ ok: true });
  });

  it("has a help text", () => {
    const help = parseCommandLine(["--help"]);
    expect(help).toMatchObject({ ok: false, exitCode: 0 });
    expect(help.ok || help.text).toContain("--concurrency");
  });
});

describe("the display", () => {
  it("shows the steps taken and the errors", async () => {
    const login = (user: string): Buffer | null => (user === "bob" ? bytes("8100 02") : null);
    const lines = describeReport(
      await runLoad(optionsFor(await SmallCluster.open({ login }), { phase: "char" })),
    );
    const text = lines.join("\n");
    expect(text).toMatch(/^6 rounds in \d+\.\d s, .* a second, 5 without an error\.$/m);
    expect(text).toMatch(/^char enter +5 /m);
    expect(text).toMatch(/^to characters +5 /m);
    expect(text).not.toMatch(/^walk/m);
    expect(text).toMatch(/login: SC_NOTIFY_BAN 2, first: bob at login/);
  });

  it("shows where the run is", () => {
    const progress = {
      phase: "running",
      elapsedMs: 2_000,
      running: 5,
      onMap: 3,
      rounds: 40,
      refusals: 1,
      errors: 0,
    } as const;
    expect(progressLine(progress)).toBe(
      "running, 2 s: 5 clients, 3 on the map, 40 rounds, 20/s, 1 refusal, 0 errors",
    );
  });
});
