import { charDoorMessages, loginDoorMessages, mapDoorMessages } from "@sallyport/dialects/native";
import { type CharId, kickReasons, refused } from "@sallyport/domain";
import { ManualClock, settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import {
  CharConnection,
  type Connect,
  Credentials,
  createClient,
  defaultBounds,
  describeRefusal,
  LoginConnection,
  type Refusal,
  retrying,
} from "../src/index.ts";
import { addresses, MemoryCluster } from "./memory-cluster.ts";

const account = { name: "Alice", password: "correct horse" };
const credentials = new Credentials();
let clock: ManualClock;
let cluster: MemoryCluster;

const newClient = (connect: Connect = cluster.connect) =>
  createClient({ connect, login: addresses.login, credentials, clock });

async function loggedIn() {
  const client = newClient();
  expect(await client.logIn(account)).toMatchObject({ ok: true });
  return client;
}

beforeEach(async () => {
  clock = new ManualClock();
  cluster = new MemoryCluster(clock);
  await newClient().register({ ...account, sex: "female" });
});

describe("every call ends in an answer or a refusal", () => {
  it("and passes on the server's refusal, and how long to wait", async () => {
    cluster.script = () => refused("busy", 250);
    expect(await newClient().logIn(account)).toEqual({ ok: false, refusal: "busy", retryAfterMs: 250 });
    expect(await newClient().register({ ...account, sex: "male" })).toMatchObject({ refusal: "busy" });
  });

  it("and is wrong-name-or-password for a wrong name or password, raw or by proof", async () => {
    for (const way of ["hashed", "raw"] as const) {
      for (const wrong of [{ name: "nobody" }, { password: "guess" }]) {
        expect(await newClient().logIn({ ...account, ...wrong, way })).toEqual(
          refused("wrong-name-or-password"),
        );
      }
    }
  });

  it("and is wrong-name-or-password for an empty password, without a request", async () => {
    cluster.connections.length = 0;
    expect(await newClient().logIn({ name: "Alice", password: "" })).toEqual(
      refused("wrong-name-or-password"),
    );
  });

  it("and is unreachable if nothing listens", async () => {
    const client = await loggedIn();
    expect(await client.enterWorld({ host: "memory", port: 1 })).toEqual(refused("unreachable"));
  });

  it("and is unreachable if the transport never settles", async () => {
    let late: (() => void) | undefined;
    const stuck = newClient(async (address, withinMs, door) => {
      await new Promise<void>((resolve) => {
        late = resolve;
      });
      return cluster.connect(address, withinMs, door);
    });
    const asking = stuck.logIn(account);
    await clock.advance(defaultBounds.connectMs + 500);
    expect(await asking).toEqual(refused("unreachable"));
    // A connection that opens too late is closed, and nothing is sent on it.
    cluster.connections.length = 0;
    late?.();
    await settled();
    expect(cluster.connections).toHaveLength(1);
  });

  it("and is unreachable if the transport throws", async () => {
    const broken = newClient(() => {
      throw new Error("no such transport");
    });
    expect(await broken.logIn(account)).toEqual(refused("unreachable"));
  });

  it("and is disconnected if the server closes the connection instead", async () => {
    const client = await loggedIn();
    cluster.script = () => "hang-up";
    expect(await client.enterWorld(addresses.char)).toEqual(refused("disconnected"));
    expect(await client.logIn(account)).toEqual(refused("disconnected"));
  });

  it("and is banned if a ban puts the client out before the answer, with until when and why", async () => {
    const wallMs = () => 1_000;
    const client = createClient({
      ...{ connect: cluster.connect, credentials, clock, wallMs },
      login: addresses.login,
    });
    expect(await client.logIn(account)).toMatchObject({ ok: true });
    const ban = { reason: "banned", untilMs: 61_000, text: "a flood" } as const;
    cluster.script = () => ban;
    const banned = { ok: false, refusal: "banned", retryAfterMs: 60_000, detail: "a flood" };
    expect(await client.enterWorld(addresses.char)).toEqual(banned);
    const handedOver = { ...addresses.map, charId: 1 as CharId, map: "yard", world: addresses.char };
    expect(await client.enterMap(handedOver)).toEqual(banned);
    expect(await client.logIn(account)).toEqual(banned);
    expect(await client.confirmEmail("code")).toEqual(banned);
    cluster.script = () => ({ ...ban, untilMs: null, text: null });
    expect(await client.enterWorld(addresses.char)).toEqual(refused("banned"));
    cluster.script = () => ({ ...ban, reason: "server-stopping" });
    expect(await client.enterWorld(addresses.char)).toEqual(refused("disconnected"));
  });

  it("and is disconnected if the server sends nonsense", async () => {
    const client = await loggedIn();
    cluster.script = () => "nonsense";
    expect(await client.enterWorld(addresses.char)).toEqual(refused("disconnected"));
  });

  it("and is disconnected for a refusal that the command does not list", async () => {
    const client = await loggedIn();
    cluster.script = () => refused("no-path");
    expect(await client.enterWorld(addresses.char)).toEqual(refused("disconnected"));
  });

  it("and is unanswered within a bound if the server is silent", async () => {
    const client = await loggedIn();
    cluster.script = () => "hang";
    const asking = client.enterWorld(addresses.char);
    await clock.advance(defaultBounds.answerMs + 2_500);
    expect(await asking).toEqual(refused("unanswered"));
  });

  it("and is not-logged-in before a login, without a request", async () => {
    cluster.connections.length = 0;
    expect(await newClient().enterWorld(addresses.char)).toEqual(refused("not-logged-in"));
    expect(cluster.connections).toEqual([]);
  });

  it("and is not-sendable for values that the protocol cannot carry, and the connection stays", async () => {
    const client = await loggedIn();
    const select = await client.enterWorld(addresses.char);
    if (!select.ok) throw new Error(select.refusal);
    const tooLong = "x".repeat(65);
    expect(await select.value.create({ slot: 0, name: tooLong })).toEqual(refused("not-sendable"));
    expect(await select.value.create({ slot: 0.5, name: "Aoi" })).toEqual(refused("not-sendable"));
    expect(await select.value.create({ slot: 0, name: "\ud800" })).toEqual(refused("not-sendable"));
    expect(await select.value.create({ slot: 0, name: "Aoi" })).toMatchObject({ ok: true });
  });

  it("and character select stays open when a choice is refused", async () => {
    const client = await loggedIn();
    const select = await client.enterWorld(addresses.char);
    if (!select.ok) throw new Error(select.refusal);
    const created = await select.value.create({ slot: 0, name: "Aoi" });
    if (!created.ok) throw new Error(created.refusal);
    cluster.script = (command) => (command.type === "char.choose" ? refused("map-unavailable", 500) : null);
    expect(await select.value.choose(created.value.charId)).toMatchObject({ retryAfterMs: 500 });
    cluster.script = () => null;
    expect(await select.value.choose(created.value.charId)).toMatchObject({ ok: true });
  });

  it("and the client stays in the world when leaving is refused, and may leave again", async () => {
    const client = await loggedIn();
    const select = await client.enterWorld(addresses.char);
    if (!select.ok) throw new Error(select.refusal);
    const created = await select.value.create({ slot: 0, name: "Aoi" });
    if (!created.ok) throw new Error(created.refusal);
    const game = await select.value.choose(created.value.charId);
    if (!game.ok) throw new Error(game.refusal);
    cluster.script = () => refused("unavailable", 100);
    expect(await game.value.leave()).toEqual(refused("unavailable", 100));
    expect(game.value.isOpen).toBe(true);
    cluster.script = () => null;
    expect(await game.value.leave()).toMatchObject({ ok: true });
  });
});

describe("a false server", () => {
  it("is detected by its signature, and gives no login ids", async () => {
    cluster.knowsAccounts = false;
    const client = newClient();
    expect(await client.logIn(account)).toEqual(refused("server-not-genuine"));
    expect(client.ticket).toBeNull();
  });

  it("is not given a proof for a hash that is cheap to guess", async () => {
    cluster.saltOffer = { ...cluster.saltOffer, memoryKib: 64 };
    const commands: string[] = [];
    cluster.script = (command) => {
      commands.push(command.type);
      return null;
    };
    expect(await newClient().logIn(account)).toEqual(refused("server-not-genuine"));
    expect(commands).toEqual(["login.salt"]);
  });
});

describe("one connection at a time", () => {
  const options = () => ({ connect: cluster.connect, clock, bounds: defaultBounds });

  it("can be advanced by hand, and cut at any step", async () => {
    const login = await LoginConnection.reach(addresses.login, options());
    if (!login.ok) throw new Error(login.refusal);
    const granted = await login.value.ask({ type: "login.password", ...account });
    if (!granted.ok) throw new Error(granted.refusal);
    login.value.destroy();
    expect(await login.value.closed).toMatchObject({ reason: "left" });
    expect(await login.value.ask({ type: "login.salt", name: "Alice" })).toEqual(refused("disconnected"));

    const char = await CharConnection.reach(addresses.char, options());
    if (!char.ok) throw new Error(char.refusal);
    const { accountId, loginId1, loginId2, sex } = granted.value;
    const asking = char.value.ask({ type: "char.enter", accountId, loginId1, loginId2, sex });
    char.value.destroy();
    expect(await asking).toEqual(refused("disconnected"));
    expect(char.value.isOpen).toBe(false);
  });

  it("ends when nothing arrives for the length of the heartbeat", async () => {
    const silent = newClient(async () => ({
      transport: "memory",
      remote: "silence",
      listen: () => {},
      send: () => {},
      bufferedBytes: () => 0,
      pause: () => {},
      resume: () => {},
      close: () => {},
      destroy: () => {},
    }));
    const asking = silent.logIn(account);
    await clock.advance(60_000);
    expect(await asking).toEqual(refused("unanswered"));
  });
});

describe("asking again", () => {
  it("waits for the time that the server gave", async () => {
    const answers = [refused("busy", 100), refused("busy", 200), { ok: true, value: 1 } as const];
    const asked: number[] = [];
    const done = retrying(
      async () => {
        asked.push(clock.nowMs());
        return answers[asked.length - 1] ?? refused("busy", 1);
      },
      { attemptsMax: 5, clock },
    );
    await clock.advance(1_000);
    expect(await done).toEqual({ ok: true, value: 1 });
    expect(asked).toEqual([0, 100, 300]);
  });

  it("returns a refusal without a time, with too long a time, of the last attempt, and a plain no", async () => {
    const ask = (refusal: Refusal, retryAfterMs?: number) => async () => refused(refusal, retryAfterMs);
    expect(await retrying(ask("banned"), { attemptsMax: 9, clock })).toEqual(refused("banned"));
    expect(await retrying(ask("busy", 90_000), { attemptsMax: 9, clock })).toEqual(refused("busy", 90_000));
    expect(await retrying(ask("busy", 10), { attemptsMax: 1, clock })).toEqual(refused("busy", 10));
    const again = () => false;
    expect(await retrying(ask("busy", 10), { attemptsMax: 9, clock, again })).toEqual(refused("busy", 10));
  });
});

describe("every refusal and every kick", () => {
  const tables = [loginDoorMessages, charDoorMessages, mapDoorMessages].flatMap((table) =>
    Object.values(table),
  );
  const codes = new Set([
    "version-unsupported",
    ...kickReasons,
    ...tables.flatMap((row): readonly string[] => ("refusals" in row ? row.refusals : [])),
  ]);

  it.each([...codes])("has one plain sentence for players: %s", (code) => {
    expect(describeRefusal(code as Refusal)).toMatch(/^[A-Z].*\.$/);
  });

  it("tells of the rule for accounts to a player who registers, and of the world's to one who makes a character", () => {
    expect(describeRefusal("name-invalid")).toBe("A name has 3 to 20 letters, digits or underscores.");
    expect(describeRefusal("name-invalid", "character")).toContain("unless this world has another rule");
    expect(describeRefusal("name-taken", "character")).toBe(describeRefusal("name-taken"));
  });
});
