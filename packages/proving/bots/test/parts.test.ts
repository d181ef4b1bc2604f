import { transportTo } from "@sallyport/sdk/node";
import { describe, expect, it } from "vitest";
import { BotTally } from "../src/bot-tally.ts";
import { describeReport, reportOf } from "../src/bots-report.ts";
import { parseCommandLine } from "../src/command-line.ts";
import { Histogram } from "../src/histogram.ts";
import { isLoopback, onlyLoopback } from "../src/loopback.ts";
import { progressLine } from "../src/progress-line.ts";

describe("the histogram", () => {
  it("gives quantiles and the maximum to within 0.1 %", () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 1_000; ms += 1) histogram.add(ms);
    for (const share of [0.5, 0.95, 0.99]) {
      expect(Math.abs(histogram.quantileMs(share) / (share * 1_000) - 1)).toBeLessThanOrEqual(0.001);
    }
    expect(Math.abs(histogram.maxMs / 1_000 - 1)).toBeLessThanOrEqual(0.001);
  });

  it("accepts any duration, and gives 0 without any", () => {
    const histogram = new Histogram();
    expect(histogram.quantileMs(0.5)).toBe(0);
    for (const ms of [0, -1, 1e12]) histogram.add(ms);
    expect(histogram.count).toBe(3);
    expect(histogram.quantileMs(0.01)).toBeLessThanOrEqual(0.01);
  });
});

describe("the bots", () => {
  it.each(["localhost", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])(
    "may connect to %s",
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each(["10.0.0.1", "example.org", "127.0.0.1.example.org", "0.0.0.0", "1270.0.0.1"])(
    "may not connect to %s without an option for it",
    (host) => {
      expect(isLoopback(host)).toBe(false);
      expect(parseCommandLine(["5", "--host", host])).toMatchObject({ ok: false, exitCode: 2 });
      expect(parseCommandLine(["5", "--host", host, "--allow-remote"])).toMatchObject({ ok: true });
    },
  );

  it("do not follow a server to another machine", async () => {
    const refused: string[] = [];
    const connected = async (): Promise<never> => {
      throw new Error("connected");
    };
    const onlyHere = (url: string) =>
      onlyLoopback({ ...transportTo(url), connect: connected }, (host) => refused.push(host));
    const byTcp = onlyHere("tcp://127.0.0.1");
    await expect(byTcp({ host: "10.0.0.1", port: 1 }, 1, "login")).rejects.toThrow("another machine");
    await expect(byTcp({ host: "::1", port: 1 }, 1, "login")).rejects.toThrow("connected");
    // Each transport uses its own part of the address.
    const away = { host: "127.0.0.1", port: 1, wsUrl: "ws://10.0.0.2:1" };
    await expect(byTcp(away, 1, "login")).rejects.toThrow("connected");
    await expect(onlyHere("ws://127.0.0.1")(away, 1, "login")).rejects.toThrow("another machine");
    expect(refused).toEqual(["10.0.0.1", "10.0.0.2"]);
  });
});

describe("the command line", () => {
  it("needs no options", () => {
    expect(parseCommandLine([])).toMatchObject({
      ok: true,
      value: { bots: 50, seconds: 30, url: "tcp://127.0.0.1:7100", passwordWay: "hashed", json: false },
    });
  });

  it("accepts an address, and stays on this machine with it too", () => {
    expect(parseCommandLine(["--url", "wss://localhost:7102", "--ca", "ca.pem"])).toMatchObject({
      value: { url: "wss://localhost:7102", ca: "ca.pem" },
    });
    expect(parseCommandLine(["--url", "tls://example.org"])).toMatchObject({ ok: false, exitCode: 2 });
    expect(parseCommandLine(["--url", "https://localhost"])).toMatchObject({ ok: false, exitCode: 2 });
    expect(parseCommandLine(["--url", "ws://localhost", "--port", "1"])).toMatchObject({ ok: false });
  });

  it("accepts every option", () => {
    const args = "200 --seconds 60 --port 7101 --name-prefix load --password-way mixed --seed 9 --json".split(
      " ",
    );
    expect(parseCommandLine(args)).toMatchObject({
      ok: true,
      value: {
        bots: 200,
        seconds: 60,
        url: "tcp://127.0.0.1:7101",
        namePrefix: "load",
        passwordWay: "mixed",
        seed: 9,
        json: true,
      },
    });
  });

  it.each([
    ["10001"],
    ["0"],
    ["ten"],
    ["5", "--seconds", "3601"],
    ["5", "--seconds", "1.5"],
    ["5", "--password-way", "none"],
    ["5", "--name-prefix", "much_too_long_"],
    ["5", "--name-prefix", "a b"],
    ["5", "--unknown"],
  ])("refuses %s %s %s", (...args) => {
    const parsed = parseCommandLine(args);
    expect(parsed).toMatchObject({ ok: false, exitCode: 2 });
    expect(parsed.ok || parsed.text).toMatch(/\S/);
  });

  it("has a help text", () => {
    const help = parseCommandLine(["--help"]);
    expect(help).toMatchObject({ ok: false, exitCode: 0 });
    expect(help.ok || help.text).toContain("--seconds");
  });
});

describe("the display", () => {
  const progress = {
    phase: "playing",
    bots: 10,
    prepared: 10,
    running: 10,
    inMap: 7,
    elapsedMs: 2_000,
    durationMs: 30_000,
    hops: 40,
    refusals: 1,
    errors: 2,
  } as const;

  it("shows where the run is", () => {
    expect(progressLine({ ...progress, phase: "preparing", prepared: 3, errors: 0 })).toBe(
      "preparing accounts: 3 of 10",
    );
    expect(progressLine(progress)).toBe(
      "2 of 30 s, 10 playing, 7 in the world, 40 hops, 20 hops/s, 1 refusal, 2 errors",
    );
    expect(progressLine({ ...progress, phase: "leaving", running: 4 })).toContain(
      "leaving: 4 to go, 40 hops",
    );
  });

  it("reports a failure if no bot hopped, even without an error", () => {
    const report = reportOf(new BotTally(), { bots: 1, prepared: 1, playedMs: 1_000 });
    expect(report.ok).toBe(false);
    expect(describeReport(report).join("\n")).toContain("no hops");
  });
});
