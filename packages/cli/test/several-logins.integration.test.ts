import { must, type SallyportProcess, until } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clientAt, enter, walkEast } from "./player.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";

/* These tests run two login-servers, and a char-server that knows both. */

let cluster: SmallCluster;

beforeEach(async () => {
  cluster = await SmallCluster.open();
});
afterEach(() => cluster.close());

async function start() {
  const logins = [cluster.run("login"), cluster.run("login")] as const;
  const links = await Promise.all(logins.map((login) => portAfter(login, "charServers")));
  const char = cluster.run("char", { LOGIN_LINK: links.map((port) => `127.0.0.1:${port}`).join() });
  const CHAR_LINK = `127.0.0.1:${await portAfter(char, "mapServers")}`;
  const map = cluster.run("map", { CHAR_LINK, MAP_AUTOSAVE_SECONDS: "1" });
  await map.untilSays(/map-server ready/);
  const isHome = ({ output }: SallyportProcess): boolean => /char-server linked/.test(output);
  const home = await until(() => logins.find(isHome), { what: "it is linked to one of them" });
  const other = home === logins[0] ? logins[1] : logins[0];
  const clientOf = async (login: SallyportProcess) => clientAt(await portAfter(login, "clients"));
  return { home, other, char, map, clientOf };
}

const backElsewhere = /link lost[\s\S]*"accounts":1,"lost":0.*account locks reclaimed[\s\S]*linked again/;

test("a char-server whose login-server stops continues with the other, and players notice nothing", async () => {
  const { home, other, char, map, clientOf } = await start();
  // `other` has no link to the char-server, but it lists the world of the char-server.
  const game = await enter(await clientOf(other));
  await walkEast(game, 1);
  home.signal("SIGTERM");
  expect(await home.untilEnded()).toBe(0);
  await char.untilSays(backElsewhere);
  await other.untilSays(/char-server is back/);
  await walkEast(game, 2);
  must(await game.leave());
  const again = await enter(await clientOf(other));
  expect(again.position).toEqual(game.position);
  expect(map.output).not.toMatch(/told a map-server that it lost a lock|dropped without saving/);
});

test("a login-server that freezes loses its link to the other one, and gives up the link when it wakes", async () => {
  const { home, other, char, clientOf } = await start();
  const game = await enter(await clientOf(home));
  home.signal("SIGSTOP");
  await char.untilSays(backElsewhere);
  await other.untilSays(/char-server is back/);
  await walkEast(game, 1);
  home.signal("SIGCONT");
  await home.untilSays(/char-server link lost/);
  await walkEast(game, 1);
  // `home` has lost its link to the char-server. So the other login-server passes on its request that the
  // owner leaves.
  const newer = await enter(await clientOf(home));
  expect((await game.closed).reason).toBe("logged-in-elsewhere");
  expect(newer.position).toEqual(game.position);
  expect((char.output.match(/link lost/g) ?? []).length).toBe(1);
});
