import { must, type SallyportProcess, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clientAt, enter, select, walkEast } from "./player.ts";
import { adminHeaders } from "./server-process.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";

let cluster: SmallCluster;

beforeEach(async () => {
  cluster = await SmallCluster.open();
});
afterEach(() => cluster.close());

const workers = ["--workers", "3"];

/** Returns the newest process id of each worker, by the number of the worker. */
function pidsOf({ output }: SallyportProcess): Map<number, number> {
  const ready = output.matchAll(/"worker":(\d+),"pid":(\d+),"msg":"worker ready"/g);
  return new Map([...ready].map(([, worker, pid]) => [Number(worker), Number(pid)]));
}

const untilReady = (login: SallyportProcess, isReady: (pids: Map<number, number>) => boolean) =>
  until(() => isReady(pidsOf(login)), { what: "the workers are ready" });

/** Returns the numbers of the workers that have logged this message. */
const workersSaying = ({ output }: SallyportProcess, message: string): readonly number[] =>
  [...output.matchAll(new RegExp(`"worker":(\\d+)[^\\n]*"msg":"${message}"`, "g"))].map(([, worker]) =>
    Number(worker),
  );

async function admin(login: SallyportProcess, path: string) {
  const at = `http://127.0.0.1:${await portAfter(login, "admin")}`;
  const response = await fetch(at + path, { headers: adminHeaders() });
  return { status: response.status, text: await response.text() };
}

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("a login-server of several workers", () => {
  test("looks like one server, and restarts a worker that dies without a player noticing", async () => {
    const login = cluster.run("login", {}, workers);
    await untilReady(login, ({ size }) => size === 3);
    const LOGIN_LINK = `127.0.0.1:${await portAfter(login, "charServers")}`;
    const char = cluster.run("char", { LOGIN_LINK });
    const CHAR_LINK = `127.0.0.1:${await portAfter(char, "mapServers")}`;
    const map = cluster.run("map", { CHAR_LINK, MAP_AUTOSAVE_SECONDS: "1" });
    await map.untilSays(/map-server ready/);

    const names = ["walker_1", "walker_2", "walker_3", "walker_4"];
    const port = await portAfter(login, "clients");
    const games = [];
    for (const name of names) games.push(await enter(clientAt(port), name));
    // Two of the workers have no link to the char-server. After some time, these workers also list its world.
    const all = async () => {
      (await select(clientAt(port), "visitor")).leave();
      return new Set(workersSaying(login, "logged in")).size === 3;
    };
    await until(all, { what: "a client logged in at each worker" });
    const { text } = await admin(login, "/metrics");
    expect(text).toContain('sallyport_links{with="char-server"} 1');
    expect(text).toContain('sallyport_links_expected{with="char-server"} 1');
    expect(text).toMatch(/sallyport_build_info\{version="\d[^"]*"\} 1\n/);
    const registered = 'door="login",command="login.register",answer="ok",transport="tcp",dialect="native"';
    expect(text).toContain(`{${registered}} ${names.length + 1}\n`);
    expect(await admin(login, "/readyz")).toMatchObject({ status: 200 });
    const told = JSON.parse((await admin(login, "/whois?name=walker_1")).text);
    expect(told).toMatchObject({
      accounts: [{ verdict: "in-use", locks: [{ state: "held" }, { state: "playing" }] }],
    });

    const [linked = 0] = workersSaying(login, "char-server linked");
    const before = pidsOf(login).get(linked) ?? 0;
    process.kill(before, "SIGKILL");
    await login.untilSays(/"signal":"SIGKILL".*worker died; restarting it/);
    await untilReady(login, (pids) => pids.get(linked) !== before);
    await char.untilSays(/link lost[\s\S]*"accounts":4,"lost":0.*account locks reclaimed[\s\S]*linked again/);
    for (const game of games) await walkEast(game, 1);
    const newer = await enter(clientAt(port), "walker_1");
    expect((await games[0]?.closed)?.reason).toBe("logged-in-elsewhere");
    must(await newer.leave());

    const pids = [...pidsOf(login).values()];
    expect(pids.filter(isThere)).toHaveLength(3);
    login.signal("SIGTERM");
    expect(await login.untilEnded()).toBe(0);
    expect(pids.filter(isThere)).toEqual([]);
  });

  test("does not send the signals of operators to a worker that starts: it has no answer to them yet", async () => {
    const login = cluster.run("login", {}, workers);
    await untilReady(login, ({ size }) => size === 3);
    const before = pidsOf(login).get(2) ?? 0;
    process.kill(before, "SIGKILL");
    await untilReady(login, (pids) => {
      for (const signal of ["SIGUSR1", "SIGUSR2", "SIGHUP"] as const) login.signal(signal);
      return pids.get(2) !== before;
    });
    expect(login.output.match(/worker died/g)).toHaveLength(1);
    expect(login.output).not.toContain("Debugger listening");
    login.signal("SIGTERM");
    expect(await login.untilEnded()).toBe(0);
  });

  test("ends with its first process and leaves no worker behind", async () => {
    const login = cluster.run("login", {}, workers);
    await untilReady(login, ({ size }) => size === 3);
    login.signal("SIGKILL");
    await until(() => [...pidsOf(login).values()].every((pid) => !isThere(pid)), { what: "all are gone" });
  });

  test("does not start without Redis, or if its first worker cannot start, and says why", async () => {
    const alone = cluster.run("login", { REDIS_URL: "" }, workers);
    expect(await alone.untilEnded()).toBe(1);
    expect(alone.output).toContain("REDIS_URL must be set: 3 workers share their locks through Redis");

    const lost = cluster.run(
      "login",
      { DATABASE_URL: "postgres://127.0.0.1:1/none", START_WITHIN_MS: "0" },
      workers,
    );
    expect(await lost.untilEnded()).toBe(1);
    expect(lost.output).toContain("cannot use Postgres at DATABASE_URL");
    expect(lost.output).toContain("the first worker ended before it could serve");
    expect(lost.output).not.toContain("started again");
  });
});
