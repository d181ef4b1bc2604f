import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { commandSettings } from "../packages/cli/src/commands/command-settings.ts";
import {
  environmentOf,
  frontEnvironmentOf,
  gatewayEnvironmentOf,
} from "../packages/proving/rig/src/cluster-plan.ts";

/* A machine may have no container engine, so these tests check the files without one. */

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: { readonly [variable: string]: string };
  readonly networks: readonly string[] | { readonly [name: string]: { readonly ipv4_address: string } };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
}
interface NetworkOf {
  readonly internal?: boolean;
  readonly ipam?: { readonly config: readonly { readonly subnet: string }[] };
}
interface Compose {
  readonly services: { readonly [name: string]: Service };
  readonly networks: { readonly [name: string]: NetworkOf | null };
}

const root = fileURLToPath(new URL("..", import.meta.url));
const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
const example = readFileSync(join(root, ".env.example"), "utf8");
const compose = parse(text, { merge: true }) as Compose;
const ours = Object.entries(compose.services).filter(([, { image }]) => image === "sallyport");

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}` as Compose does. Throws if a variable is
 * missing that must be set.
 */
function fillIn(value: string, environment: { readonly [name: string]: string }): string {
  return value.replaceAll(/\$\{(\w+)(?:(:-|:\?)([^}]*))?\}/g, (_, name: string, how, rest: string) => {
    const given = environment[name] ?? "";
    if (given !== "" || how === undefined) return given;
    if (how === ":-") return rest;
    throw new Error(`${name}: ${rest}`);
  });
}

const strong = "5f2c1e9b7a3d4c6e8f0a1b2c";
const filled = { CHAR_PASSWORD: strong, POSTGRES_PASSWORD: strong, REDIS_PASSWORD: strong };

describe("docker-compose.yml", () => {
  test("is a Compose file by the schema of the specification", () => {
    const folder = dirname(createRequire(import.meta.url).resolve("dclint/package.json"));
    const schema = JSON.parse(readFileSync(join(folder, "schemas/compose.schema.json"), "utf8"));
    // Compose checks the formats of durations itself. ajv knows the draft of this schema only by this name.
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const isValid = ajv.compile({ ...schema, $schema: "http://json-schema.org/draft-07/schema#" });
    isValid(compose);
    expect(isValid.errors).toBe(null);
    isValid({ services: { login: { ...compose.services["login"], enviroment: {} } } });
    expect(isValid.errors).not.toBe(null);
  });

  test.each(ours)(
    "%s sets only known settings of its server, to accepted values",
    (_name, { command, environment }) => {
      const name = command?.[0] as keyof typeof commandSettings;
      const known = new Map(
        commandSettings[name].flatMap((group) =>
          Object.values(group).map((setting) => [setting.variable, setting] as const),
        ),
      );
      for (const [variable, value] of Object.entries(environment ?? {})) {
        const parsed = known.get(variable)?.parse(fillIn(value, filled));
        expect(parsed, `${variable}=${value}`).toMatchObject({ ok: true });
      }
      const required = [...known.values()].filter(({ fallback }) => fallback === null);
      for (const { variable } of required) expect(environment, variable).toHaveProperty(variable);
    },
  );

  test("gives each server the settings of the cluster plan", () => {
    const found: { readonly [what: string]: string } = {
      redis: `redis://:${strong}@redis:6379`,
      postgres: `postgres://sallyport:${strong}@postgres/sallyport`,
      login: "login:7101",
      char: "char:7201",
    };
    const plan = {
      linkPassword: strong,
      loginServers: ["login"],
      find: (_: string, what: string) => found[what] ?? "",
      ...{ host: "0.0.0.0", publicHost: "127.0.0.1", proxyFrom: "172.30.72.0/24" },
    };
    const doors = { login: { tcp: 7100 }, char: { tcp: 7200 }, map: { tcp: 7300 } };
    const planned = {
      login: environmentOf(plan, { tier: "login", name: "@machine" }),
      char: environmentOf(plan, { tier: "char", name: "char" }),
      map: environmentOf(plan, { tier: "map", name: "@machine" }),
      gateway: gatewayEnvironmentOf(plan, { name: "@machine", doors, front: "172.30.72.100" }),
      front: frontEnvironmentOf(plan, { gateway: "gateway", ports: { chat: 8080, line: 7023 } }),
    };
    const given = ours.map(([name, { environment = {} }]) => {
      const entries = Object.entries(environment).map(([variable, value]) => [
        variable,
        fillIn(value, filled),
      ]);
      return [name, Object.fromEntries(entries)];
    });
    expect(Object.fromEntries(given)).toEqual(planned);
  });

  test("gives servers more time to drain and to stop than they take at most", () => {
    for (const [name, service] of ours) {
      const all = commandSettings[service.command?.[0] as keyof typeof commandSettings];
      const takes = all
        .flatMap((group) => Object.values(group))
        .filter(({ variable }) => /^(STOP|DRAIN|GATEWAY_DRAIN|FRONT_DRAIN)_WITHIN_MS$/.test(variable));
      expect(takes, name).toHaveLength(["map", "gateway", "front"].includes(name) ? 2 : 1);
      const graceMs = Number(/^(\d+)s$/.exec(service.stop_grace_period ?? "")?.[1]) * 1_000;
      const mostMs = takes
        .map(({ variable, fallback }) => Number(service.environment?.[variable] ?? fallback))
        .reduce((sum, ms) => sum + ms, 0);
      expect(graceMs, name).toBeGreaterThan(mostMs);
    }
  });

  test("lets only the servers that need a store reach it, and publishes no port of a store", () => {
    expect(compose.networks["stores"]).toEqual({ internal: true });
    const onStores = Object.entries(compose.services).filter(
      ([, { networks }]) => Array.isArray(networks) && networks.includes("stores"),
    );
    expect(onStores.map(([name]) => name).sort()).toEqual(["char", "gateway", "login", "postgres", "redis"]);
    for (const name of ["postgres", "redis"]) {
      expect(compose.services[name]).toMatchObject({ networks: ["stores"] });
      expect(compose.services[name]).not.toHaveProperty("ports");
    }
  });

  test("publishes doors on loopback by default, and no link or admin port at all", () => {
    const published = ours.flatMap(([, { ports = [] }]) => ports.map((port) => fillIn(port, {})));
    expect(published).toEqual([7100, 7200, 7300, 8080, 7023].map((port) => `127.0.0.1:${port}:${port}`));
  });

  test("can be scaled: a service of several servers publishes no port, has no volume, and each has its own name", () => {
    for (const [service, variable] of [
      ["login", "LOGIN_SERVER_NAME"],
      ["map", "MAP_SERVER_NAME"],
    ] as const) {
      const { ports, volumes = [], environment = {} } = compose.services[service] ?? {};
      expect(ports, service).toBeUndefined();
      expect(
        volumes.filter((volume) => volume.includes(":")),
        service,
      ).toEqual([]);
      expect(environment[variable], service).toBe("@machine");
    }
  });

  test("makes servers trust only the gateway and the front by their network, and the gateway only the front", () => {
    const subnet = compose.networks["links"]?.ipam?.config[0]?.subnet;
    const { front, gateway } = compose.services;
    const ofFront = Array.isArray(front?.networks) ? null : front?.networks;
    expect(gateway?.environment?.["PROXY_FROM"]).toBe((ofFront as never)?.["links"]?.["ipv4_address"]);
    const behind = ours.filter(([name]) => name !== "gateway" && name !== "front");
    expect(behind.map(([, { environment }]) => environment?.["PROXY_FROM"])).toEqual([
      subnet,
      subnet,
      subnet,
    ]);
  });
});

test("the plan of all clusters sets only what a server knows", () => {
  const find = (_: string, what: string): string => what;
  const hosts = { host: "0.0.0.0", publicHost: "127.0.0.1", innerHost: "127.0.0.1", proxyFrom: "127.0.0.1" };
  const plan = { linkPassword: strong, loginServers: ["login"], find, ...hosts };
  const doors = { tcp: 1, websocket: 2, ragnarok: 3 };
  const login = environmentOf(plan, { tier: "login", name: "login", doors, linkPort: 4 });
  const char = environmentOf(plan, { tier: "char", name: "char", doors, told: doors, linkPort: 4 });
  const map = environmentOf(plan, { tier: "map", name: "map", doors, told: doors });
  const gateway = gatewayEnvironmentOf(plan, {
    name: "gateway",
    doors: { login: doors, char: doors, map: doors },
  });
  const front = frontEnvironmentOf(plan, { gateway: "127.0.0.1", ports: { chat: 7, line: 8 } });
  for (const [name, environment] of Object.entries({ login, char, map, gateway, front })) {
    const settings = commandSettings[name as keyof typeof commandSettings].flatMap(Object.values);
    expect(
      settings.map(({ variable }) => variable),
      name,
    ).toEqual(expect.arrayContaining(Object.keys(environment)));
  }
});

describe(".env.example", () => {
  const lines = [...example.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]);
  const given = Object.fromEntries(lines) as { readonly [name: string]: string };

  test("names exactly the variables of the Compose file", () => {
    const asked = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    expect(new Set(Object.keys(given))).toEqual(asked);
  });

  test("contains no password: Compose reports a password that is not set", () => {
    for (const [name, value] of lines) if (name?.endsWith("_PASSWORD")) expect(value, name).toBe("");
    for (const name of Object.keys(filled)) {
      const without = { ...given, ...filled, [name]: "" };
      expect(() => fillIn(text, without), name).toThrow(`${name}: copy .env.example to .env`);
    }
    expect(() => fillIn(text, { ...given, ...filled })).not.toThrow();
  });
});
