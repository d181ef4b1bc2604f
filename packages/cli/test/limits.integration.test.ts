import net from "node:net";
import { ConnectFailed, tcpChannel } from "@sallyport/link/tcp";
import { type Connect, createClient } from "@sallyport/sdk";
import { must, type SallyportProcess, until } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { portAfter, SmallCluster } from "./small-cluster.ts";

/* Two login-servers, and clients at different loopback addresses. */

const password = "correct horse";
const failuresToBan = 7;
let cluster: SmallCluster;
let logins: readonly SallyportProcess[];
let ports: readonly number[];

beforeAll(async () => {
  cluster = await SmallCluster.open({
    LIMITS_EXEMPT: "none",
    LOGIN_FAILURES_TO_BAN: String(failuresToBan),
    // Six guesses take less time, also on a busy machine.
    LOGIN_ATTEMPTS_WITHIN_MS: "15000",
  });
  logins = ["login-1", "login-2"].map((name) => cluster.run("login", { LOGIN_SERVER_NAME: name }));
  ports = await Promise.all(logins.map((login) => portAfter(login, "clients")));
});
afterAll(() => cluster.close());

const connectFrom =
  (localAddress: string): Connect =>
  ({ host, port }) =>
    new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, localAddress, allowHalfOpen: true });
      socket.once("error", (error) => reject(new ConnectFailed(error.message)));
      socket.once("connect", () => resolve(tcpChannel(socket)));
    });

/** The servers take turns. */
const clientFrom = (localAddress: string, turn: number) =>
  createClient({
    connect: connectFrom(localAddress),
    login: { host: "127.0.0.1", port: ports[turn % ports.length] ?? 0 },
  });

async function logIn(from: string, turn: number, typed: { name: string; password: string }): Promise<string> {
  const answer = await clientFrom(from, turn).logIn({ ...typed, way: "raw" });
  return answer.ok ? "logged in" : answer.refusal;
}

test("an address creates three accounts at both servers together, and no fourth", async () => {
  const register = (turn: number) =>
    clientFrom("127.0.0.10", turn).register({ name: `settler_${turn}`, password, sex: "female" });
  for (let turn = 1; turn <= 3; turn += 1) must(await register(turn));
  expect(await register(4)).toMatchObject({ refusal: "too-many-accounts" });
});

test("guesses at both servers are limited together, then ban the address at both, and concern no other address", async () => {
  must(await clientFrom("127.0.0.11", 0).register({ name: "alice", password, sex: "female" }));
  const guesser = "127.0.0.12";
  const answers: string[] = [];
  for (let turn = 1; turn <= 6; turn += 1)
    answers.push(await logIn(guesser, turn, { name: `guess_${turn}`, password: "wrong horse" }));
  expect(answers).toEqual([...Array(5).fill("wrong-name-or-password"), "too-many-attempts"]);
  // The world is missing, so a right password goes no further.
  expect(await logIn("127.0.0.13", 0, { name: "alice", password })).toBe("no-world");

  let turn = 0;
  const isBanned = async (): Promise<boolean> => {
    turn += 1;
    const answer = await logIn(guesser, turn, { name: `more_${turn}`, password: "wrong horse" });
    if (answer === "wrong-name-or-password") answers.push(answer);
    return answer === "address-banned";
  };
  await until(isBanned, { what: "the address is banned" });
  for (const server of [0, 1]) {
    const right = () => logIn(guesser, server, { name: "alice", password });
    await until(async () => (await right()) === "address-banned", { what: "it is banned everywhere" });
    expect(await logIn("127.0.0.13", server, { name: "alice", password })).toBe("no-world");
  }
  const wrong = answers.filter((answer) => answer === "wrong-name-or-password");
  // Guesses go on until the servers have read of the ban.
  expect(wrong.length).toBeGreaterThanOrEqual(failuresToBan);
  expect(wrong.length).toBeLessThanOrEqual(2 * 5);
});

test("an account that strangers guess at waits for strangers, and not for the address from which it came before", async () => {
  const [owner, friend] = ["127.0.0.21", "127.0.0.22"];
  const bob = { name: "bob", password };
  must(await clientFrom(owner, 0).register({ ...bob, sex: "male" }));
  const links = await Promise.all(logins.map((login) => portAfter(login, "charServers")));
  cluster.run("char", { LOGIN_LINK: links.map((port) => `127.0.0.1:${port}`).join() });
  for (const turn of [0, 1]) {
    const isIn = async () => (await logIn(owner, turn, bob)) === "logged in";
    await until(isIn, { what: "a world is listed, and the owner is in" });
  }
  // The wait doubles with each failure. Each stranger guesses once, so no limit of an address is reached.
  let strangers = 0;
  const hasLongWait = async (): Promise<boolean> => {
    strangers += 1;
    const stranger = clientFrom(`127.0.1.${(strangers % 250) + 1}`, strangers);
    const answer = await stranger.logIn({ ...bob, password: "wrong horse", way: "raw" });
    return !answer.ok && answer.refusal === "too-many-attempts" && (answer.retryAfterMs ?? 0) > 6_000;
  };
  await until(hasLongWait, { what: "strangers wait" });
  const answers = await Promise.all([0, 1].map((turn) => logIn(friend, turn, bob)));
  expect(answers).toEqual(["too-many-attempts", "too-many-attempts"]);
  for (const turn of [0, 1]) expect(await logIn(owner, turn, bob)).toBe("logged in");
});
