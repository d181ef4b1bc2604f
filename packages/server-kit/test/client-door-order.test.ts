import type { Dialect, DialectStream, Incoming } from "@sallyport/dialects";
import {
  helloFrame,
  loginDoorEvents,
  loginDoorMessages,
  nativeClientLimits,
  nativeHeartbeat,
  nativeLoginDoor,
  nativeVersions,
  plainIntroduction,
} from "@sallyport/dialects/native";
import { type CommandOf, kickFor, type LoginDoor, refused } from "@sallyport/domain";
import { type ByteChannel, Link, memoryChannelPair } from "@sallyport/link";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { encodeFrame, FrameSplitter, MessageCodec } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { type Client, type ClientBounds, ClientDoor, introducedAs } from "../src/doors/client-door.ts";
import { clientBounds, type Host } from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

/** A command that the door has not answered yet. The test ends it with `done` or `fail`. */
interface UnderWay {
  readonly name: string;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

const answer = refused("wrong-name-or-password");

function openDoor(bounds: Partial<ClientBounds> = {}, outside: Partial<Host> = {}) {
  const clock = new ManualClock();
  const underWay: UnderWay[] = [];
  const arrived: string[] = [];
  const gone: string[] = [];
  const bugs: unknown[] = [];
  const clients: Client<LoginDoor>[] = [];
  const nameOf = (command: CommandOf<LoginDoor>): string => ("name" in command ? command.name : "");
  const host = testHost({ clock, failed: (error) => void bugs.push(error), ...outside });
  const door = new ClientDoor<LoginDoor>(host, {
    door: "login",
    bounds: clientBounds({ clientsMax: 10, ...bounds }),
    welcome: (client) => {
      clients.push(client);
      const handle = (command: CommandOf<LoginDoor>) =>
        new Promise<typeof answer>((resolve, reject) => {
          underWay.push({ name: nameOf(command), done: () => resolve(answer), fail: reject });
        });
      return {
        handlers: {
          ...{ "login.password": handle, "login.prove": handle, "login.password.change": handle },
          ...{ "login.register": handle as never, "login.salt": handle as never },
          ...{ "login.email.confirm": handle as never, "login.password.reset": handle as never },
          "login.password.reset.ask": handle as never,
          "login.password.telling": handle as never,
          ...{ "login.token": handle as never, "login.token.password": handle as never },
        },
        arrived: (command) => void arrived.push(nameOf(command)),
        gone: () => void gone.push(client.remote),
      };
    },
  });
  const connect = (remote: string, dialect: Dialect<LoginDoor> = nativeLoginDoor): ByteChannel => {
    const [near, far] = memoryChannelPair([remote, "door"]);
    door.accept(far, dialect);
    return near;
  };
  return { door, clock, underWay, arrived, gone, bugs, clients, connect };
}

/** Returns a client that follows the protocol and records its answers. */
function wellBehaved(channel: ByteChannel, clock: ManualClock) {
  const answers: string[] = [];
  const ends: string[] = [];
  const link = new Link({
    channel,
    sends: new MessageCodec(loginDoorMessages),
    receives: new MessageCodec(loginDoorEvents),
    handlers: {
      "client.kicked": ({ reason }) => void answers.push(`kicked: ${reason}`),
      "client.unsupported": () => void answers.push("unsupported"),
    },
    clock,
    limits: { ...nativeClientLimits, outputBytesMax: 1 << 20, requestsPauseAt: 1 },
    heartbeat: nativeHeartbeat,
    events: { closed: ({ type }) => void ends.push(type) },
  });
  link.notify({ type: "client.hello", ...plainIntroduction });
  const ask = async (name: string, ttlMs = 20_000): Promise<void> => {
    const asked = await link.ask({ type: "login.password", name, password: "x" }, ttlMs);
    answers.push(`${name}: ${asked.ok ? "ok" : asked.refusal}`);
  };
  return { link, ask, answers, ends };
}

/** Counts the bytes that arrive at this end of a connection, and notes when the connection is over. */
function listening(channel: ByteChannel): { bytes: number; isOver: boolean } {
  const heard = { bytes: 0, isOver: false };
  channel.listen({
    bytes: (chunk) => {
      heard.bytes += chunk.length;
    },
    closed: () => {
      heard.isOver = true;
    },
  });
  return heard;
}

describe("a client's commands", () => {
  test("are handled and answered one after the other, even if they arrive together", async () => {
    const { connect, clock, underWay, arrived } = openDoor();
    const { ask, answers } = wellBehaved(connect("one"), clock);
    for (const name of ["first", "second", "third"]) void ask(name);
    await settled();
    expect(arrived).toEqual(["first", "second", "third"]);
    for (const name of ["first", "second", "third"]) {
      expect(underWay.map((each) => each.name)).toEqual([name]);
      underWay.shift()?.done();
      await settled();
    }
    expect(answers).toEqual(["first", "second", "third"].map((name) => `${name}: wrong-name-or-password`));
  });

  test("wait for the one before, even if they arrive later than it", async () => {
    const { connect, clock, underWay } = openDoor();
    const { ask } = wellBehaved(connect("one"), clock);
    for (const name of ["first", "second", "third"]) {
      void ask(name);
      await settled();
    }
    expect(underWay.map(({ name }) => name)).toEqual(["first"]);
  });

  test("come after the commands that follow from an earlier answer", async () => {
    const { connect, underWay } = openDoor();
    const login = (name: string): Incoming<LoginDoor> => ({
      command: { type: "login.password", name, password: "x" },
      answerTo: name.length,
      expiresMs: Number.POSITIVE_INFINITY,
    });
    const stream: DialectStream<LoginDoor> = {
      introduction: plainIntroduction,
      receive: () => [login("a"), login("bb")],
      answer: (answerTo) => (answerTo === 1 ? [login("ccc"), login("dddd")] : []),
      event: () => {},
      tick: () => "alive",
      takeOutput: () => [],
    };
    const channel = connect("one", { name: "chatty", secondLogin: "reject", open: () => stream });
    channel.send(new Uint8Array(1));
    const order: string[] = [];
    for (let count = 1; count <= 4; count += 1) {
      await settled();
      const next = underWay.shift();
      order.push(next?.name ?? "");
      next?.done();
    }
    expect(order).toEqual(["a", "ccc", "dddd", "bb"]);
  });

  test("do not delay another client's commands", async () => {
    const { connect, clock, underWay } = openDoor();
    const slow = wellBehaved(connect("slow"), clock);
    const quick = wellBehaved(connect("quick"), clock);
    void slow.ask("slow");
    void quick.ask("quick");
    await settled();
    underWay.find(({ name }) => name === "quick")?.done();
    await settled();
    expect([slow.answers, quick.answers]).toEqual([[], ["quick: wrong-name-or-password"]]);
  });

  test("are not carried out after the client stopped waiting for them", async () => {
    const { connect, clock, underWay } = openDoor();
    const { ask } = wellBehaved(connect("one"), clock);
    void ask("first", 20_000);
    void ask("late", 1_000);
    void ask("in time", 20_000);
    await clock.advance(1_000);
    underWay.shift()?.done();
    await settled();
    expect(underWay.map(({ name }) => name)).toEqual(["in time"]);
  });

  test("are not carried out once the client is gone", async () => {
    const { connect, clock, underWay, gone } = openDoor();
    const { ask, link } = wellBehaved(connect("one"), clock);
    void ask("first");
    void ask("second");
    await settled();
    link.close("enough");
    await settled();
    underWay.shift()?.done();
    await settled();
    expect(underWay).toEqual([]);
    expect(gone).toEqual(["one"]);
  });
});

/** For each of these offences, the door disconnects the client. */
const offences: readonly {
  readonly what: string;
  readonly options?: Partial<ClientBounds>;
  readonly commit: (scene: {
    readonly channel: ByteChannel;
    readonly clock: ManualClock;
    readonly client: Client<LoginDoor>;
  }) => Promise<void>;
}[] = [
  {
    what: "sends nonsense",
    commit: async ({ channel }) => channel.send(new Uint8Array(64).fill(255)),
  },
  {
    what: "sends an unknown command",
    commit: async ({ channel }) => channel.send(encodeFrame("request", 1, new Uint8Array([0x91, 0x00]))),
  },
  {
    what: "announces a frame that is too long",
    commit: async ({ channel }) => channel.send(new Uint8Array([0, 255, 255, 255])),
  },
  {
    what: "sends more commands at once than any client needs",
    commit: async ({ channel }) => {
      const codec = new MessageCodec(loginDoorMessages);
      channel.send(helloFrame());
      for (let id = 1; id <= 33; id += 1)
        channel.send(encodeFrame("request", id, codec.encode({ type: "login.salt", name: "a" }, 1_000)));
    },
  },
  {
    what: "falls silent",
    options: { firstCommandMs: 60_000 },
    commit: ({ clock }) => clock.advance(46_000),
  },
  {
    what: "does not read its answers",
    options: { outputBytesMax: 10_000 },
    commit: async ({ channel, client }) => {
      channel.pause();
      for (let event = 0; event < 1_000 && client.isConnected; event += 1) {
        client.send({ type: "client.kicked", ...kickFor("timed-out") });
        await settled();
      }
      channel.resume();
    },
  },
];

describe.each(offences)("a client that $what", ({ options, commit }) => {
  test("is disconnected, and no other client is", async () => {
    const { door, connect, clock, clients, underWay, gone, bugs } = openDoor(options);
    const other = wellBehaved(connect("other"), clock);
    const channel = connect("offender");
    const heard = listening(channel);
    const [, client] = clients;
    if (client === undefined) throw new Error("not let in");
    await commit({ channel, clock, client });
    await settled();
    expect(heard.isOver).toBe(true);
    expect(client.isConnected).toBe(false);
    expect(gone).toEqual(["offender"]);
    expect(door.clientCount).toBe(1);
    underWay.length = 0;
    void other.ask("still here");
    await settled();
    underWay.shift()?.done();
    await settled();
    expect(other.answers).toEqual(["still here: wrong-name-or-password"]);
    expect(bugs).toEqual([]);
  });
});

test("a client of another version gets the supported versions, no command is carried out, and it is logged", async () => {
  const { log, lines } = heardLog();
  const { connect, clock, underWay, clients } = openDoor({}, { log });
  const channel = connect("newer");
  const told: string[] = [];
  const splitter = new FrameSplitter(1 << 20);
  let isOver = false;
  channel.listen({
    bytes: (chunk) => {
      for (const { body } of splitter.push(chunk))
        told.push(JSON.stringify(new MessageCodec(loginDoorEvents).decode(body).message));
    },
    closed: () => {
      isOver = true;
    },
  });
  channel.send(helloFrame({ ...plainIntroduction, version: nativeVersions.newest + 1 }));
  const salt = new MessageCodec(loginDoorMessages).encode({ type: "login.salt", name: "a" }, 1_000);
  channel.send(encodeFrame("request", 1, salt));
  await settled();
  expect(told.map((each) => JSON.parse(each))).toEqual([{ type: "client.unsupported", ...nativeVersions }]);
  expect([isOver, clients[0]?.isConnected, underWay.length]).toEqual([true, false, 0]);
  await clock.advance(1_000);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: "clients were disconnected", why: "version", connections: 1 }),
  );
});

test("a visit and its log lines have the introduction of the client", async () => {
  const { connect, clock, clients } = openDoor();
  const { ask } = wellBehaved(connect("one"), clock);
  expect(clients[0]?.introduction).toBeNull();
  void ask("first");
  await settled();
  expect(clients[0]?.introduction).toEqual(plainIntroduction);
  const { version: protocolVersion, secondLogin: _, ...others } = plainIntroduction;
  expect(clients[0] && introducedAs(clients[0])).toEqual({ protocolVersion, ...others });
});

test("a bug in a handler is reported, and ends only the connection of its client", async () => {
  const { connect, clock, underWay, bugs, gone } = openDoor();
  const unlucky = wellBehaved(connect("unlucky"), clock);
  const other = wellBehaved(connect("other"), clock);
  void unlucky.ask("one");
  void unlucky.ask("two");
  await settled();
  const bug = new TypeError("a bug");
  underWay.shift()?.fail(bug);
  await settled();
  expect(bugs).toEqual([bug]);
  expect(unlucky.answers).toEqual(["one: unanswered", "two: unanswered"]);
  expect(gone).toEqual(["unlucky"]);
  expect(underWay).toEqual([]);
  void other.ask("fine");
  await settled();
  underWay.shift()?.done();
  await settled();
  expect(other.answers).toEqual(["fine: wrong-name-or-password"]);
});

test("a client that is disconnected gets all earlier messages first, and no later ones", async () => {
  const { connect, clock, clients, underWay } = openDoor();
  const { ask, answers, ends } = wellBehaved(connect("one"), clock);
  void ask("unanswered");
  await settled();
  const [client] = clients;
  client?.send({ type: "client.kicked", ...kickFor("timed-out") });
  client?.disconnect("timed out");
  client?.send({ type: "client.kicked", ...kickFor("lock-lost") });
  client?.disconnect("again");
  underWay.shift()?.done();
  await settled();
  expect(answers).toEqual(["kicked: timed-out", "unanswered: unanswered"]);
  expect(ends).toEqual(["closed-there"]);
});

test("a dialect's note about a client's bytes is logged once, at debug", async () => {
  const { log, lines } = heardLog();
  const { connect } = openDoor({}, { log });
  const notes = [["passed over A", "passed over B"], []];
  const stream: DialectStream<LoginDoor> = {
    introduction: plainIntroduction,
    receive: () => [],
    answer: () => [],
    event: () => {},
    tick: () => "alive",
    takeOutput: () => [],
    takeNotes: () => notes.shift() ?? [],
  };
  const channel = connect("one", { name: "noting", secondLogin: "reject", open: () => stream });
  for (let count = 0; count < 2; count += 1) {
    channel.send(new Uint8Array(1));
    await settled();
  }
  expect(lines).toMatchObject([
    { level: 20, remote: "one", note: "passed over A" },
    { level: 20, remote: "one", note: "passed over B" },
  ]);
});

describe("a door", () => {
  test("that closes keeps its clients, and admits no others", async () => {
    const { door, connect, clock, underWay } = openDoor();
    const inside = wellBehaved(connect("inside"), clock);
    door.close();
    const outside = listening(connect("outside"));
    await settled();
    expect([outside.isOver, door.clientCount]).toEqual([true, 1]);
    void inside.ask("served");
    await settled();
    underWay.shift()?.done();
    await settled();
    expect(inside.answers).toEqual(["served: wrong-name-or-password"]);
  });

  test("that stops tells each client, once", async () => {
    const { door, connect, clock, clients, gone } = openDoor();
    const inside = ["a", "b", "c"].map((name) => wellBehaved(connect(name), clock));
    clients[0]?.send({ type: "client.kicked", ...kickFor("server-stopping") });
    door.stop("stopping");
    await settled();
    expect(inside.map(({ ends }) => ends)).toEqual([["closed-there"], ["closed-there"], ["closed-there"]]);
    expect(inside[0]?.answers).toEqual(["kicked: server-stopping"]);
    expect(gone).toEqual(["a", "b", "c"]);
    expect(door.clientCount).toBe(0);
  });
});
