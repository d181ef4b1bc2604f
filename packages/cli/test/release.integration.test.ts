import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SallyportProcess } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GameFolder } from "./game-module.ts";
import { clientAt, enter, walkEast } from "./player.ts";
import { startProcess } from "./server-process.ts";

/**
 * This test does the same as the Dockerfile, but without a container engine. The same script creates the same
 * folder. The test runs the commands of the image in this folder.
 */

const root = fileURLToPath(new URL("../../..", import.meta.url));
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "sallyport-release-"));
const release = join(folder, "sallyport");
const author = new GameFolder();
const started: SallyportProcess[] = [];

/** Returns the arguments after `node`, for example those in `ENTRYPOINT ["node", …]`. */
function commandOf(instruction: string): readonly string[] {
  const found = new RegExp(`^${instruction}\\b.*?(\\[.*\\])$`, "m").exec(dockerfile)?.[1] ?? "[]";
  const [program, ...args] = JSON.parse(found) as readonly string[];
  expect(program, instruction).toBe("node");
  return args;
}

function run(instruction: string, args: readonly string[], environment: Record<string, string>) {
  const server = startProcess(args, environment, { program: commandOf(instruction), cwd: release });
  started.push(server);
  return server;
}

beforeAll(() => {
  const script = /^RUN node (scripts\/\S+) \/release$/m.exec(dockerfile)?.[1] ?? "none";
  execFileSync(process.execPath, [join(root, script), release], { cwd: root, stdio: "pipe" });
}, 120_000);
afterAll(async () => {
  for (const server of started) await server.kill();
  author.remove();
  rmSync(folder, { recursive: true });
});

test("the released folder alone runs all three servers and a game, and reports whether they are healthy", async () => {
  const environment = {
    GAME: author.write(
      "game.ts",
      'import { defineGame } from "@sallyport/game";\nexport default defineGame({ name: "small" });\n',
    ),
    SALLYPORT_DATA: join(folder, "data"),
    LOGIN_PORT: "0",
    CHAR_PORT: "0",
    MAP_PORT: "0",
    ADMIN_PORT: "0",
  };
  const up = run("ENTRYPOINT", ["up"], environment);
  const [, admin = ""] = await up.untilSays(/"admin":\{"host":"127\.0\.0\.1","port":(\d+)\}/);
  await up.untilSays(/game: +small, /);
  const [, port] = await up.untilSays(/login 127\.0\.0\.1:(\d+)/);
  const game = await enter(clientAt(Number(port)));
  await walkEast(game, 2);
  await game.leave();

  const healthy = run("HEALTHCHECK", [], { ADMIN_PORT: admin });
  expect(await healthy.untilEnded()).toBe(0);
  up.signal("SIGTERM");
  expect(await up.untilEnded()).toBe(0);
  const unhealthy = run("HEALTHCHECK", [], { ADMIN_PORT: admin });
  expect(await unhealthy.untilEnded()).toBe(1);
});

test("it contains only what runs: no sources, no tests, no tools, and it is small", async () => {
  const packages = readdirSync(join(release, "packages"), { recursive: true, encoding: "utf8" }).filter(
    (path) => !path.includes("node_modules"),
  );
  expect(packages.filter((path) => /\.ts$|(^|\/)(src|test)(\/|$)/.test(path))).toEqual([]);
  for (const needed of [
    "lock-store/lua/compare-and-set.lua",
    "database/embedded-worker.mjs",
    "map-world/maps/harbour.map",
  ]) {
    expect(packages).toContain(needed);
  }
  expect(packages.some((path) => /^database\/migrations\/.*\.sql$/.test(path))).toBe(true);
  const installed = readdirSync(join(release, "node_modules/.pnpm")).join("\n");
  expect(installed).not.toMatch(/^(typescript|vitest|@biomejs|rolldown|fast-check|dclint)/m);
  const kib = Number(execFileSync("du", ["-sk", release], { encoding: "utf8" }).split("\t")[0]);
  expect(kib).toBeLessThan(100 * 1024);
});

test("the image does not run as root, and has a health check", () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
  expect(last).toMatch(/^USER node$/m);
  expect(last).toMatch(/^HEALTHCHECK /m);
  expect(last).toMatch(/^ENV .*ADMIN_PORT=\d+/m);
});
