import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { waitMsFor } from "@sallyport/lock-core";
import { describe, expect, test } from "vitest";
import {
  about,
  addressesSetting,
  addressSetting,
  choiceSetting,
  countSetting,
  describeSettings,
  flagSetting,
  optionalPortSetting,
  optionalTextSetting,
  portSetting,
  readSettings,
  readTiming,
  readTogether,
  type Setting,
  SettingsInvalid,
  textSetting,
} from "../src/index.ts";

const settings = {
  name: textSetting("NAME", "who it is", { pattern: /^[a-z]+$/, expected: "small letters" }),
  password: textSetting("PASSWORD", "what it proves", { isSecret: true, pattern: /^.{8,}$/ }),
  folder: optionalTextSetting("FOLDER", "where its files are"),
  count: countSetting("COUNT", "how many it takes", 10, 1, 100),
  port: portSetting("PORT", "where it listens", 7000),
  isOpen: flagSetting("OPEN", "whether it lets in", true),
  level: choiceSetting("LEVEL", "how much it says", "info", ["info", "debug"]),
  link: addressSetting("LINK", "where it connects", "127.0.0.1:7001"),
};
const given = { NAME: "map", PASSWORD: "long enough" };

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems;
    throw error;
  }
  return [];
}

describe("settings", () => {
  test("that are not given have their default, and an empty one counts as not given", () => {
    const absent = { folder: null, count: 10, port: 7000, isOpen: true, level: "info" };
    const link = { host: "127.0.0.1", port: 7001 };
    expect(readSettings(settings, given)).toEqual({ name: "map", password: "long enough", ...absent, link });
    const empty = Object.fromEntries(
      ["FOLDER", "COUNT", "PORT", "OPEN", "LEVEL", "LINK"].map((v) => [v, ""]),
    );
    expect(readSettings(settings, { ...given, ...empty })).toMatchObject({ ...absent, link });
  });

  test("have the given value", () => {
    const all = { FOLDER: "/maps", COUNT: "100", PORT: "0", OPEN: "no", LEVEL: "debug", LINK: "[::1]:80" };
    expect(readSettings(settings, { ...given, ...all })).toMatchObject({
      ...{ folder: "/maps", count: 100, port: 0, isOpen: false, level: "debug" },
      link: { host: "::1", port: 80 },
    });
  });

  test("that are wrong are all reported at once, each with its variable and what would be right", () => {
    const wrong = { NAME: "Map!", COUNT: "0", PORT: "65536", OPEN: "true", LEVEL: "loud", LINK: "7001" };
    expect(problemsOf(() => readSettings(settings, wrong))).toEqual([
      'NAME: "Map!" is not small letters',
      "PASSWORD must be set: what it proves",
      'COUNT: "0" is not a whole number from 1 to 100',
      'PORT: "65536" is not a whole number from 0 to 65535',
      'OPEN: "true" is not yes or no',
      'LEVEL: "loud" is not one of info, debug',
      'LINK: "7001" is not an address like 127.0.0.1:7101',
    ]);
  });

  test.each(["", "-1", "1.5", "1e1", "0x10", " 5", "five", "101", "9007199254740993"])(
    "refuse the count %j",
    (text) => {
      const count = countSetting("COUNT", "how many", 10, 1, 100);
      expect(count.parse(text).ok).toBe(false);
    },
  );

  test.each(["host", ":1", "host:", "host:x", "host:70000", "a:b:1", "[::1]", "::1:80"])(
    "refuse the address %j",
    (text) => {
      expect(settings.link.parse(text).ok).toBe(false);
    },
  );

  test.each(["tcp://10.0.0.1:7100", "udp://[fd00::1]:53"])(
    "ignore the port %j, which Kubernetes set",
    (text) => {
      expect(readSettings({ port: settings.port }, { PORT: text })).toEqual({ port: 7000 });
      const wsPort = optionalPortSetting("WS_PORT", "where it listens", "HOST");
      expect(readSettings({ wsPort }, { WS_PORT: text })).toEqual({ wsPort: null });
    },
  );

  test("for several addresses need commas between them, and each must be an address", () => {
    const links = addressesSetting("LINKS", "where it connects", "127.0.0.1:7001");
    const read = (text: string) => readSettings({ links }, { LINKS: text }).links;
    expect(read("login-1:7101, [::1]:7102")).toEqual([
      { host: "login-1", port: 7101 },
      { host: "::1", port: 7102 },
    ]);
    expect(read("")).toEqual([{ host: "127.0.0.1", port: 7001 }]);
    for (const text of ["login-1:7101,,", "login-1:7101 login-2:7101", "login-1,login-2:7101"])
      expect(() => read(text)).toThrow(SettingsInvalid);
    expect(() => read("login-1:7101,,login-3:7101")).toThrow(
      /^LINKS: "login-1:7101,,login-3:7101": host 2 of 3 is empty$/,
    );
    expect(() => read("login-1:7101,:7101")).toThrow(/^LINKS: "login-1:7101,:7101": host 2 of 2 is empty$/);
  });

  test("of several groups are reported together, and shared ones once", async () => {
    const both = {
      ours: () => readSettings({ name: settings.name, count: settings.count }, { COUNT: "x" }),
      theirs: async () => readSettings({ name: settings.name, port: settings.port }, { PORT: "x" }),
    };
    await expect(readTogether(both)).rejects.toThrow(/^NAME must .*\nCOUNT: .*\nPORT: [^\n]*$/);
    expect(await readTogether({ one: () => 1, two: async () => "2" })).toEqual({ one: 1, two: "2" });
  });

  test("do not hide a bug: another exception passes through", async () => {
    const bug = (): never => {
      throw new RangeError("a bug");
    };
    await expect(readTogether({ bug })).rejects.toThrow(RangeError);
  });
});

describe("a secret", () => {
  test("is not shown in an error", () => {
    const [problem = ""] = problemsOf(() => readSettings(settings, { ...given, PASSWORD: "short" }));
    expect(problem).toBe("PASSWORD: its value is not of the form ^.{8,}$");
  });

  test("can be in a file, without the line break at its end", () => {
    const file = join(mkdtempSync(join(tmpdir(), "sallyport-secret-")), "password");
    writeFileSync(file, "long enough\n");
    const inFile = { NAME: "map", PASSWORD: "", PASSWORD_FILE: file };
    expect(readSettings(settings, inFile)).toMatchObject({ password: "long enough" });
    expect(problemsOf(() => readSettings(settings, { ...inFile, PASSWORD: "other secret" }))).toEqual([
      "PASSWORD and PASSWORD_FILE are both set: remove one",
    ]);
    writeFileSync(file, "\n");
    expect(problemsOf(() => readSettings(settings, inFile))).toEqual([`PASSWORD_FILE: ${file} is empty`]);
    rmSync(dirname(file), { recursive: true });
    expect(problemsOf(() => readSettings(settings, inFile))).toEqual([
      `PASSWORD_FILE: ${file} cannot be read (ENOENT)`,
    ]);
    expect(readSettings(settings, { ...given, NAME_FILE: file })).toMatchObject({ name: "map" });
  });

  test("is not shown in the list of settings either, not even its default", () => {
    const secret = textSetting("TOKEN", "what it proves", { isSecret: true, fallback: "hunter2" });
    expect(describeSettings([{ secret }])).toBe(
      "  TOKEN  what it proves [or in the file that TOKEN_FILE names]",
    );
  });
});

test("settings are listed one a line, with their defaults and allowed values", () => {
  const { name, count, folder } = settings;
  expect(describeSettings([{ name, count }, { folder }]).split("\n")).toEqual([
    "  NAME    who it is [required; small letters]",
    "  COUNT   how many it takes [default 10; 1 to 100]",
    "  FOLDER  where its files are",
  ]);
});

test("settings are listed by topic, each once, under its first topic", () => {
  const { name, count, folder } = settings;
  const game = about("game", { name, count });
  const listed = describeSettings([about("watching", { folder }), about("stores", { ...game }), game]);
  expect(listed.split("\n")).toEqual([
    "",
    "World and game",
    "  NAME    who it is [required; small letters]",
    "  COUNT   how many it takes [default 10; 1 to 100]",
    "",
    "Admin port and log",
    "  FOLDER  where its files are",
  ]);
});

describe("timers", () => {
  test("are set individually, in milliseconds", () => {
    const timing = readTiming({ TIMER_HAND_OVER_MS: "1000", TIMER_LOGIN_TO_CHAR_MS: "2000" });
    expect(timing).toMatchObject({ handOverMs: 1_000, loginToCharMs: 2_000, charToMapMs: 30_000 });
  });

  test("let a server be away for the whole time that was set, and wait a little longer", () => {
    const timing = readTiming({ TIMER_RECONNECT_MS: "15000", TIMER_RECLAIM_MS: "20000" });
    expect(timing.reconnectMs).toBe(waitMsFor(15_000));
    expect(timing.reclaimMs - 20_000).toBe(timing.reconnectMs - 15_000);
    expect(timing.reconnectMs).toBeLessThan(17_000);
  });

  test("that do not fit together are reported with their variables", () => {
    const problems = problemsOf(() => readTiming({ TIMER_HAND_OVER_MS: "30000", TIMER_EVICT_MS: "60001" }));
    expect(problems).toEqual([
      expect.stringMatching(/^TIMER_HAND_OVER_MS must be shorter than TIMER_CHAR_TO_MAP_MS/),
      expect.stringMatching(/^TIMER_EVICT_MS must not be longer than TIMER_CHOOSE_MS/),
      expect.stringMatching(/^TIMER_EVICT_MS must be at most 15000: /),
      expect.stringMatching(/^TIMER_HAND_OVER_MS must be at most 17000: /),
    ]);
  });

  test("cannot be 0", () => {
    expect(problemsOf(() => readTiming({ TIMER_LEASE_MS: "0" }))).toEqual([
      'TIMER_LEASE_MS: "0" is not a whole number from 1 to 86400000',
    ]);
  });
});

test("a setting that a game adds is read like any other", () => {
  const even: Setting<number> = {
    variable: "EVEN",
    doc: "an even number",
    fallback: "2",
    parse: (text) =>
      Number(text) % 2 === 0 ? { ok: true, value: Number(text) } : { ok: false, expected: "even" },
  };
  expect(readSettings({ even }, {})).toEqual({ even: 2 });
  expect(problemsOf(() => readSettings({ even }, { EVEN: "3" }))).toEqual(['EVEN: "3" is not even']);
});
