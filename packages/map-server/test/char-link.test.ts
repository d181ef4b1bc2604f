import { AnsweringHandshake, attributesCharsMax, charToMap, mapToChar } from "@sallyport/cluster-protocol";
import {
  AccountId,
  accepted,
  type CharacterState,
  CharId,
  Fence,
  Incarnation,
  refused,
} from "@sallyport/domain";
import {
  type ByteChannel,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
  memoryChannelPair,
} from "@sallyport/link";
import { silentLog } from "@sallyport/server-kit";
import { ManualClock, settled } from "@sallyport/testkit";
import { MessageCodec, type MessageOf } from "@sallyport/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { CharLink } from "../src/char-link.ts";
import type { Player } from "../src/player.ts";

type Leave = MessageOf<typeof mapToChar, "character.leave">;
type Save = MessageOf<typeof mapToChar, "character.save">;
type LeaveAnswer = Awaited<ReturnType<Handlers<typeof mapToChar>["character.leave"]>>;

const position = { map: "harbour", x: 41, y: 31 };
const of = { accountId: AccountId(1), charId: CharId(2), charFence: Fence(3) };
const never = new Promise<never>(() => {});

let clock: ManualClock;
/** The char-server's end, newest last. */
let links: Link<typeof charToMap, typeof mapToChar>[];
let near: ByteChannel;
let announced: unknown[];
let hosted: (readonly string[])[];
let left: Leave[];
let saved: Save[];
let kicked: unknown[];
let lost: number;
let closed: string[];
/** What leaving is answered, one after the other; the last one again and again. */
let leaveAnswers: (LeaveAnswer | Promise<never>)[];
let link: CharLink;
let player: Player;

beforeEach(async () => {
  clock = new ManualClock();
  links = [];
  announced = [];
  hosted = [];
  left = [];
  saved = [];
  kicked = [];
  lost = 0;
  closed = [];
  leaveAnswers = [accepted({})];
  player = { ...of, phase: "leaving" } as unknown as Player;
  link = new CharLink({
    connectChar: async () => {
      const pair = memoryChannelPair(["map-1", "char"]);
      links.push(charServer(pair[1]));
      near = pair[0];
      return near;
    },
    credentials: { server: "map-1", username: "alpha", password: "right" },
    address: { host: "127.0.0.1", port: 7300 },
    maps: ["harbour", "forest"],
    playersMax: 50,
    clock,
    random: () => 0.5,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog(),
    host: (maps) => void hosted.push(maps),
    expect: () => refused("full"),
    forget: (...what) => void kicked.push(["forget", ...what]),
    kick: (...what) => kicked.push(["kick", ...what]) === 1,
    lost: () => {
      lost += 1;
    },
    failed: (error) => {
      throw error;
    },
  });
  void link.start();
  await clock.advance(0);
});

function charServer(channel: ByteChannel): Link<typeof charToMap, typeof mapToChar> {
  const handshake = new AnsweringHandshake({
    passwordOf: () => "right",
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    admit: async () => accepted({ incarnation: Incarnation("0011223344556677"), cookie: new Uint8Array(32) }),
    leave: async () => accepted({}),
  });
  return new Link<typeof charToMap, typeof mapToChar>({
    channel,
    sends: new MessageCodec(charToMap),
    receives: new MessageCodec(mapToChar),
    handlers: handshake.handlersWith<typeof mapToChar>({
      "map-server.announce": async (message) => {
        announced.push(message);
        return accepted({ maps: ["harbour"] });
      },
      "map-server.status": () => {},
      "character.enter": async () => accepted({}),
      "character.save": async (message) => {
        saved.push(message);
        return accepted({});
      },
      "character.leave": async (message) => {
        left.push(message);
        const [next = accepted({})] = leaveAnswers.length > 1 ? leaveAnswers.splice(0, 1) : leaveAnswers;
        return next;
      },
    }),
    clock,
    limits: interServerLimits,
    heartbeat: interServerHeartbeat,
    events: { closed: ({ type }) => void closed.push(type) },
  });
}

/** What leaving came to; null while it is not known. */
function leaving(state: CharacterState | null = null): { outcome: unknown } {
  const told: { outcome: unknown } = { outcome: null };
  void link.leave(player, "offline", state).then((outcome) => {
    told.outcome = outcome;
  });
  return told;
}

/** Attributes of which the JSON has this length. */
const stateOf = (charCount: number, filledWith = "x"): CharacterState => ({
  position,
  attributes: { a: filledWith.repeat(charCount - '{"a":""}'.length) },
});

describe("a map-server that is let in", () => {
  test("says what it has, and hosts what it is told to, now and later", async () => {
    expect(announced).toMatchObject([
      { host: "127.0.0.1", port: 7300, maps: ["harbour", "forest"], playersMax: 50 },
    ]);
    expect(hosted).toEqual([["harbour"]]);
    links[0]?.notify({ type: "map-server.host", maps: ["harbour", "forest"] });
    await settled();
    expect(hosted).toEqual([["harbour"], ["harbour", "forest"]]);
    expect(link.isUp).toBe(true);
  });

  test("hands on whom to forget and to kick, and says where somebody to kick is not here", async () => {
    links[0]?.notify({ type: "character.forget", ...of, reason: "lock-lost" });
    const first = links[0]?.ask({ type: "character.kick", ...of, reason: "timed-out" }, 1_000);
    await settled();
    expect(kicked).toMatchObject([
      ["forget", of, "lock-lost"],
      ["kick", of, "timed-out"],
    ]);
    expect(await first).toEqual(refused("not-held"));
  });

  test("is told when the link is lost, after which nothing is asked", async () => {
    near.destroy();
    await settled();
    expect([lost, link.isUp]).toEqual([1, false]);
    expect(await link.enter(player)).toEqual(refused("unavailable"));
    expect(await link.save(player, stateOf(100))).toEqual(refused("unavailable"));
    expect(await link.leave(player, "offline", stateOf(100))).toEqual(refused("unavailable"));
    expect([saved, left]).toEqual([[], []]);
  });
});

describe("leaving", () => {
  test("is asked for in the same words until there is an answer that says what became of it", async () => {
    leaveAnswers = [refused("unavailable", 1_000), never, accepted({})];
    const told = leaving(stateOf(100));
    await clock.advance(500);
    expect(left).toHaveLength(2);
    // Not answered within three seconds; then a pause.
    await clock.advance(4_000);
    expect(left).toHaveLength(3);
    expect(told.outcome).toEqual(accepted({}));
    for (const asked of left) expect(asked).toEqual(left[0]);
    expect(left[0]).toMatchObject({ ...of, to: "offline", saved: { position } });
  });

  test.each(["lock-lost", "state-invalid"] as const)("ends where the answer is %s", async (refusal) => {
    leaveAnswers = [refused(refusal)];
    const told = leaving(stateOf(100));
    await clock.advance(10_000);
    expect(told.outcome).toEqual(refused(refusal));
    expect(left).toHaveLength(1);
  });

  test("is given up after half a minute", async () => {
    leaveAnswers = [refused("unavailable", 1_000)];
    const told = leaving();
    await clock.advance(29_000);
    expect(told.outcome).toBeNull();
    await clock.advance(1_500);
    expect(told.outcome).toEqual(refused("unavailable"));
    const { length } = left;
    await clock.advance(10_000);
    expect(left).toHaveLength(length);
  });

  test("is given up where the character is not ours any more", async () => {
    leaveAnswers = [refused("unavailable", 1_000)];
    const told = leaving();
    await clock.advance(100);
    player.phase = "gone";
    await clock.advance(10_000);
    expect(told.outcome).toEqual(refused("unavailable"));
    expect(left).toHaveLength(1);
  });

  test("is not asked for over the next link, whose locks are not these", async () => {
    leaveAnswers = [refused("unavailable", 1_000)];
    const told = leaving();
    await clock.advance(100);
    near.destroy();
    await clock.advance(20_000);
    expect(links).toHaveLength(2);
    expect(link.isUp).toBe(true);
    expect(told.outcome).toEqual(refused("unavailable"));
    expect(left).toHaveLength(1);
  });
});

describe("a state that is longer than the char-server takes", () => {
  const tooLong = stateOf(attributesCharsMax + 1);

  test("is not sent to be saved, and costs nobody the link", async () => {
    expect(await link.save(player, tooLong)).toEqual(refused("state-invalid"));
    await settled();
    expect([saved, closed, link.isUp]).toEqual([[], [], true]);
  });

  test("is lost when its player leaves, who is told so, and the lock is given back", async () => {
    const told = leaving(tooLong);
    await settled();
    expect(left).toMatchObject([{ ...of, saved: null }]);
    expect(told.outcome).toEqual(refused("state-invalid"));
    expect(closed).toEqual([]);
  });

  test.each(["x", "漢"])("is one character longer than one that is saved (of %s)", async (filledWith) => {
    const longest = stateOf(attributesCharsMax, filledWith);
    expect(await link.save(player, longest)).toEqual(accepted({}));
    expect(saved[0]?.attributes).toBe(JSON.stringify(longest.attributes));
    leaving(longest);
    await settled();
    expect(left).toHaveLength(1);
    expect(closed).toEqual([]);
  });
});
