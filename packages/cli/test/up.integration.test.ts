import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SallyportProcess } from "@sallyport/testkit";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { clientAt, enter, walkEast } from "./player.ts";
import { startProcess } from "./server-process.ts";

const folder = mkdtempSync(join(tmpdir(), "sallyport-up-"));
const anyPorts = { LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", SALLYPORT_DATA: folder };
const started: SallyportProcess[] = [];

function up(environment: Record<string, string> = anyPorts): SallyportProcess {
  const server = startProcess(["up"], environment);
  started.push(server);
  return server;
}

async function loginPortOf(server: SallyportProcess): Promise<number> {
  const [, port] = await server.untilSays(/login 127\.0\.0\.1:(\d+)/);
  return Number(port);
}

afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
});
afterAll(() => rmSync(folder, { recursive: true }));

test("saves all players at Ctrl-C, and has accounts, characters and positions at the next start", async () => {
  const first = up();
  const game = await enter(clientAt(await loginPortOf(first)));
  const there = await walkEast(game, 3);
  first.signal("SIGINT");
  expect(await first.untilEnded()).toBe(0);
  expect((await game.closed).reason).toBe("server-stopping");

  const second = up();
  const again = await enter(clientAt(await loginPortOf(second)));
  expect(again.position).toMatchObject(there);
  await again.leave();
});

test("a kill loses only connections and unsaved changes, and no player waits for a timer", async () => {
  const first = up();
  const client = clientAt(await loginPortOf(first));
  const game = await enter(client);
  const saved = await walkEast(game, 2);
  await game.leave();
  const again = await enter(client);
  expect(await walkEast(again, 1)).not.toEqual(saved);
  await first.kill();
  expect((await again.closed).reason).toBe("disconnected");

  const second = up();
  const back = await enter(clientAt(await loginPortOf(second)));
  expect(back.position).toMatchObject(saved);
  await back.leave();
});

test("counts the same signal twice at once, as a process group gets it, as one, and saves all players", async () => {
  const first = up();
  const game = await enter(clientAt(await loginPortOf(first)));
  const there = await walkEast(game, -1);
  first.signal("SIGTERM");
  await first.untilSays(/stopping/);
  first.signal("SIGTERM");
  expect(await first.untilEnded()).toBe(0);
  expect((await game.closed).reason).toBe("server-stopping");
  expect(first.output).not.toContain("ending at once");
  const back = await enter(clientAt(await loginPortOf(up())));
  expect(back.position).toMatchObject(there);
  await back.leave();
});

test("refuses a second start on the same folder, and names the process and what to do", async () => {
  const first = up();
  await loginPortOf(first);
  const second = up();
  expect(await second.untilEnded()).toBe(1);
  expect(second.output).toMatch(/in use by process \d+/);
  expect(second.output).toContain("SALLYPORT_DATA");
});

test("serves the program in the README, at its first run and the second", async () => {
  const port = await loginPortOf(up());
  const root = new URL("../../../", import.meta.url);
  const [, code = ""] = /```js\n(.*?)```/s.exec(readFileSync(new URL("README.md", root), "utf8")) ?? [];
  const file = join(folder, "hello.mjs");
  writeFileSync(file, code.replace("./packages", `${root}packages`).replace(":7100", `:${port}`));
  for (const time of ["first", "second"]) {
    const program = startProcess([], {}, { program: [file] });
    started.push(program);
    expect(await program.untilEnded(), `${time}: ${program.output}`).toBe(0);
    expect(program.output).toContain("text: 'hello'");
  }
});

describe("settings", () => {
  test("are all reported at once if they are wrong, and nothing starts", async () => {
    const server = up({ ...anyPorts, LOGIN_PORT: "many", MAP_STEP_MS: "0", TIMER_EVICT_MS: "soon" });
    expect(await server.untilEnded()).toBe(1);
    expect(server.output).toContain('LOGIN_PORT: "many" is not a whole number');
    expect(server.output).toContain('MAP_STEP_MS: "0" is not a whole number from 20');
    expect(server.output).toContain('TIMER_EVICT_MS: "soon" is not');
  });

  test("that must be set are reported with their purpose", async () => {
    const server = startProcess(["map"], {});
    expect(await server.untilEnded()).toBe(1);
    expect(server.output).toContain("CHAR_PASSWORD must be set: Password of the char-server");
  });

  test("are listed by --help", async () => {
    for (const name of ["up", "login", "char", "map"]) {
      const help = startProcess([name, "--help"], {});
      expect(await help.untilEnded()).toBe(0);
      expect(help.output).toMatch(/Environment variables \[default; allowed values\]:/);
      expect(help.output).toMatch(/_PORT +Port .*on which clients.* connect/);
    }
  });

  test("are told by help of a command, and a word that is no command is named", async () => {
    const check = startProcess(["help", "map", "check"], {});
    expect(await check.untilEnded()).toBe(0);
    expect(check.output).toContain("Usage: sallyport map check");
    const unknown = startProcess(["help", "account", "bam"], {});
    expect(await unknown.untilEnded()).toBe(2);
    expect(unknown.output).toContain("unknown command 'account bam'");
  });

  test("with a port in use are reported together with other mistakes, before anything is created", async () => {
    const first = up();
    const port = String(await loginPortOf(first));
    const elsewhere = join(folder, "never-made");
    const given = { LOGIN_PORT: port, CHAR_PROT: "7", LOG_LEVEL: "loud", SALLYPORT_DATA: elsewhere };
    const second = up({ ...anyPorts, ...given });
    expect(await second.untilEnded()).toBe(1);
    expect(second.output).toContain(`LOGIN_PORT: port ${port} of 127.0.0.1 is in use already`);
    expect(second.output).toContain('LOG_LEVEL: "loud" is not one of');
    expect(second.output).toContain("CHAR_PROT is not a setting; did you mean CHAR_PORT?");
    expect(existsSync(elsewhere)).toBe(false);
  });

  test("with a likely typing mistake cause a warning, and the server starts", async () => {
    const server = up({ ...anyPorts, CHAR_PROT: "7" });
    await server.untilSays(
      /"variable":"CHAR_PROT","nearest":"CHAR_PORT","msg":"a variable is named like a setting, but is not one"/,
    );
    await loginPortOf(server);
  });
});
