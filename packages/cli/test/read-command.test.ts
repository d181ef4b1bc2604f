import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeUnknown, type Environment, SettingsInvalid } from "@sallyport/server-kit";
import { afterAll, expect, test } from "vitest";
import { type ReadAs, readCommand } from "../src/commands/read-command.ts";
import { charCommand } from "../src/commands/run-char.ts";
import { gatewayCommand } from "../src/commands/run-gateway.ts";
import { loginCommand } from "../src/commands/run-login.ts";
import { mapCommand } from "../src/commands/run-map.ts";
import { upCommand } from "../src/commands/run-up.ts";
import { unknownIn } from "../src/commands/unknown-in.ts";

/**
 * These tests check the messages about mistakes in the settings. Each message comes before anything is opened
 * or created.
 */

const folder = mkdtempSync(join(tmpdir(), "sallyport-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const anyPorts = { LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", SALLYPORT_DATA: join(folder, "data") };
const apart = { ...anyPorts, LOGIN_LINK_PORT: "0", CHAR_LINK_PORT: "0" };
const databaseUrl = "postgres://sallyport@db/sallyport";

const asProcess: ReadAs = { isWorker: false, workers: 1 };
const inProcess = { DATABASE_URL: databaseUrl, ...apart };
const commands = {
  up: (given: Environment, as: ReadAs) => readCommand(upCommand, { ...anyPorts, ...given }, as),
  login: (given: Environment, as: ReadAs) => readCommand(loginCommand, { ...inProcess, ...given }, as),
  char: (given: Environment, as: ReadAs) => readCommand(charCommand, { ...inProcess, ...given }, as),
  map: (given: Environment, as: ReadAs) => readCommand(mapCommand, { ...apart, ...given }, as),
  gateway: (given: Environment, as: ReadAs) => readCommand(gatewayCommand, { ...apart, ...given }, as),
};

async function problems(
  command: keyof typeof commands,
  environment: Environment,
  as = asProcess,
): Promise<readonly string[]> {
  try {
    await commands[command](environment, as);
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems;
    throw error;
  }
  return [];
}

test("right settings cause no error, and reading them creates nothing", async () => {
  expect(await problems("up", {})).toEqual([]);
  expect(await problems("login", { CHAR_SERVERS: "alpha:secret" })).toEqual([]);
  expect(await problems("char", { CHAR_PASSWORD: "secret" })).toEqual([]);
  expect(await problems("map", { CHAR_PASSWORD: "secret" })).toEqual([]);
  expect(await problems("gateway", { GATEWAY_MAP_PORT: "0", REDIS_URL: "redis://redis" })).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("all mistakes in settings of the process, servers, timers, ports and files are reported at once", async () => {
  const file = join(folder, "no-folder");
  writeFileSync(file, "");
  const found = await problems("up", {
    LOGIN_PORT: "99999",
    LOG_LEVEL: "loud",
    MAP_STEP_MS: "soon",
    TIMER_EVICT_MS: "later",
    CHAR_PORT: "17200",
    MAP_PORT: "17200",
    TLS_CERT: join(folder, "none.pem"),
    WORLD_SPAWN: "atlantis:1,1",
    SALLYPORT_DATA: file,
  });
  const named = [
    /^LOG_LEVEL: "loud" is not one of debug, info/,
    /^LOGIN_PORT: "99999" is not a whole number from 0 to 65535$/,
    /^MAP_STEP_MS: "soon" is not a whole number/,
    /^WORLD_SPAWN: atlantis is not a hosted map; hosted are forest, harbour, lighthouse, tavern$/,
    /no-folder is a file, and not a folder$/,
    /^TIMER_EVICT_MS: "later" is not/,
    /^TLS_KEY must be set together with TLS_CERT/,
    /^CHAR_PORT and MAP_PORT are both 17200: each needs a port of its own$/,
  ];
  for (const pattern of named) expect(found).toContainEqual(expect.stringMatching(pattern));
  expect(found).toHaveLength(named.length);
  rmSync(file);
});

test("a port in use is reported before a database is created", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  expect(await problems("up", { LOGIN_PORT: String(port) })).toEqual([
    `LOGIN_PORT: port ${port} of 127.0.0.1 is in use already`,
  ]);
  expect(readdirSync(folder)).toEqual([]);
  await new Promise((resolve) => other.close(resolve));
});

test("a variable close to a setting of any command is reported with the likely setting", () => {
  const told = (environment: Environment) => unknownIn(environment).map(describeUnknown);
  expect(told({ CHAR_PROT: "7" })).toEqual(["CHAR_PROT is not a setting; did you mean CHAR_PORT?"]);
  expect(told({ WORLD_MOTTO: "on" })).toEqual(["WORLD_MOTTO is not a setting"]);
  const rightOnes = { GATEWAY_MAP_PORT: "1", DRAIN_WITHIN_MS: "1", TLS_CERT: "x", RAGNAROK_MAP_PORT: "1" };
  expect(told({ ...rightOnes, PATH: "/bin", LANG: "C", TERM: "dumb", USER: "root" })).toEqual([]);
});

test.each(["up", "map"] as const)("%s names MAPS_HOSTED if it lists an unknown map", async (command) => {
  const given = { CHAR_PASSWORD: "secret", WORLD_SPAWN: "harbour", MAPS_HOSTED: "harbour,harbor,moon" };
  expect(await problems(command, given)).toEqual([
    "MAPS_HOSTED: there is no map harbor or moon; there are forest, harbour, lighthouse, tavern",
  ]);
});

test.each(["up", "map"] as const)("%s names MAPS_FOLDER if it has no maps", async (command) => {
  const given = { CHAR_PASSWORD: "secret", MAPS_FOLDER: join(folder, "maps") };
  expect(await problems(command, given)).toEqual([
    `MAPS_FOLDER: cannot read the maps folder ${join(folder, "maps")}: ENOENT`,
  ]);
});

test("a start map for new characters that is not hosted is reported at the start", async () => {
  expect(await problems("up", { MAPS_HOSTED: "forest" })).toEqual([
    "WORLD_SPAWN must be set: its default is on the map harbour, which is not hosted; hosted are forest",
  ]);
  expect(await problems("up", { MAPS_HOSTED: "forest", WORLD_SPAWN: "forest" })).toEqual([]);
});

test.each(["up", "char", "map"] as const)(
  "%s names SALLYPORT_DATA if it, or a parent folder, is a file",
  async (command) => {
    const file = join(folder, "taken");
    writeFileSync(file, "");
    const given = { CHAR_PASSWORD: "secret", SALLYPORT_DATA: file };
    const told = [`SALLYPORT_DATA: ${file} is a file, and not a folder`];
    expect(await problems(command, given)).toEqual(told);
    expect(await problems(command, { ...given, SALLYPORT_DATA: join(file, "data") })).toEqual(told);
    rmSync(file);
  },
);

test.runIf(process.platform === "linux").each([
  ["/proc/x/data", "ENOENT"],
  ["/sys/x", "EPERM"],
  ["/proc", "ENOENT"],
  [join(folder, "x".repeat(300)), "ENAMETOOLONG"],
])(
  "%s as SALLYPORT_DATA is reported at once, with the reason, %s, and what to do; nothing is created",
  async (path, reason) => {
    expect(await problems("up", { SALLYPORT_DATA: path })).toEqual([
      expect.stringMatching(
        new RegExp(`^SALLYPORT_DATA: ${path} cannot be .*\\(${reason}: .*\\); set it to a folder`),
      ),
    ]);
    expect(readdirSync(folder)).toEqual([]);
  },
);

test("a data folder with an unreadable lock, or a dangling link, is reported with SALLYPORT_DATA", async () => {
  const data = join(folder, "odd");
  mkdirSync(join(data, "lock"), { recursive: true });
  expect(await problems("up", { SALLYPORT_DATA: data })).toEqual([
    expect.stringMatching(
      /^SALLYPORT_DATA: .*odd cannot be used: its lock cannot be read \(EISDIR: .*\); set it to/,
    ),
  ]);
  rmSync(data, { recursive: true });
  symlinkSync(join(folder, "gone"), data);
  expect(await problems("up", { SALLYPORT_DATA: data })).toEqual([
    expect.stringMatching(
      /^SALLYPORT_DATA: .*odd cannot be created: .*odd is a link to something that does not exist; set it to/,
    ),
  ]);
  rmSync(data);
});

test("an address that clients cannot be sent to is reported at the start, for every door", async () => {
  expect(await problems("up", { CHAR_HOST: "0.0.0.0", MAP_HOST: "::" })).toEqual([
    "CHAR_PUBLIC_HOST must be set: clients cannot be sent to 0.0.0.0",
    "MAP_PUBLIC_HOST must be set: clients cannot be sent to ::",
  ]);
  expect(await problems("map", { CHAR_PASSWORD: "secret", MAP_HOST: "::1", RAGNAROK_MAP_PORT: "0" })).toEqual(
    ["RAGNAROK_PUBLIC_IP must be set: Ragnarok clients are sent to IPv4 addresses, and MAP_HOST is ::1"],
  );
});

test.each(["up", "login", "char"] as const)(
  "%s refuses a token that can be guessed, if others can connect to its admin port",
  async (command) => {
    const reached = { ADMIN_PORT: "0", ADMIN_HOST: "0.0.0.0", CHAR_PASSWORD: "x", CHAR_SERVERS: "alpha:x" };
    const found = await problems(command, { ...reached, ADMIN_TOKEN: "secret" });
    expect(found).toEqual([
      expect.stringMatching(/^ADMIN_TOKEN is a well-known password; with ADMIN_HOST=0\.0\.0\.0/),
    ]);
    expect(await problems(command, { ...reached, ADMIN_HOST: "127.0.0.1", ADMIN_TOKEN: "secret" })).toEqual(
      [],
    );
    const file = join(folder, "token");
    writeFileSync(file, "5f2c1e9b7a3d4c6e8f0a1b2c\n");
    expect(await problems(command, { ...reached, ADMIN_TOKEN_FILE: file })).toEqual([]);
  },
);

test("a weak link password is reported together with everything else", async () => {
  const given = { CHAR_PASSWORD: "secret", CHAR_LINK_HOST: "0.0.0.0", CHAR_PORT: "x" };
  expect(await problems("char", given)).toEqual([
    'CHAR_PORT: "x" is not a whole number from 0 to 65535',
    expect.stringMatching(/^CHAR_PASSWORD is a well-known password; with CHAR_LINK_HOST=0.0.0.0/),
  ]);
});

test("several workers without Redis are reported together with everything else", async () => {
  const environment = { ...apart, DATABASE_URL: databaseUrl, CHAR_SERVERS: "x" };
  const reading = readCommand(loginCommand, environment, { isWorker: false, workers: 3 });
  await expect(reading).rejects.toThrow(
    /^CHAR_SERVERS: .*\nREDIS_URL must be set: 3 workers share their locks through Redis$/s,
  );
});

test.each([
  ["up", ["LOGIN_PORT", "CHAR_PORT", "MAP_PORT", "ADMIN_PORT", "RAGNAROK_LOGIN_PORT", "CHAR_PUBLIC_PORT"]],
  ["login", ["LOGIN_PORT", "LOGIN_WS_PORT", "LOGIN_LINK_PORT", "ADMIN_PORT"]],
  ["char", ["CHAR_PORT", "CHAR_WS_PORT", "CHAR_LINK_PORT"]],
  ["map", ["MAP_PORT", "MAP_WS_PORT", "MAP_PUBLIC_PORT", "RAGNAROK_MAP_PUBLIC_PORT"]],
  ["gateway", ["GATEWAY_LOGIN_PORT", "GATEWAY_CHAR_WS_PORT", "GATEWAY_RAGNAROK_MAP_PORT", "GATEWAY_PORT"]],
] as const)(
  "%s ignores the variables that Kubernetes sets for services of our names, in %j",
  async (command, variables) => {
    const links = Object.fromEntries(variables.map((variable) => [variable, "tcp://10.0.0.1:7100"]));
    const needed = { CHAR_SERVERS: "alpha:secret", CHAR_PASSWORD: "secret", REDIS_URL: "redis://redis" };
    // A worker does not check whether the usual ports are free. So the result does not depend on other
    // programs.
    const asWorker: ReadAs = { isWorker: true, workers: 1 };
    expect(await problems(command, { ...needed, ...links }, asWorker)).toEqual([]);
    expect(unknownIn(links)).toEqual([]);
  },
);
