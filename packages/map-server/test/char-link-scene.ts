import { AnsweringHandshake, charToMap, mapToChar } from "@sallyport/cluster-protocol";
import {
  AccountId,
  accepted,
  type CharacterState,
  CharId,
  Fence,
  Incarnation,
  LoginId,
  refused,
  type Standing,
} from "@sallyport/domain";
import {
  type ByteChannel,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
  memoryChannelPair,
} from "@sallyport/link";
import { ManualClock, testHost } from "@sallyport/testkit";
import { MessageCodec, type MessageOf } from "@sallyport/wire";
import { CharLink } from "../src/char-link.ts";
import type { Player, Save } from "../src/player.ts";

type Asks = Handlers<typeof mapToChar>;
type Message<N extends keyof typeof mapToChar> = MessageOf<typeof mapToChar, N>;
type Answer<N extends keyof typeof mapToChar> = Awaited<ReturnType<Asks[N]>> | Promise<never>;

export const position = { map: "harbour", x: 41, y: 31 };
export const of = { accountId: AccountId(1), charId: CharId(2), charFence: Fence(3) };
export const ofLogin = {
  loginId1: LoginId(4),
  loginId2: LoginId(5),
  sex: "female",
  accountFence: Fence(6),
  trace: "trace",
} as const;
export const never = new Promise<never>(() => {});

/** Returns a state whose attributes have this length as JSON. */
export const stateOf = (charCount: number, filledWith = "x"): CharacterState => ({
  position,
  attributes: { a: filledWith.repeat(charCount - '{"a":""}'.length) },
});

/** Runs a map-server's link to a char-server that the test controls. */
export class CharLinkScene {
  readonly clock = new ManualClock();
  /** The char-server's ends of all links, oldest first. */
  readonly links: Link<typeof charToMap, typeof mapToChar>[] = [];
  near!: ByteChannel;
  isUnreachable = false;
  isCookieKnown = true;
  /** The cookies that the map-server showed, one for each link. */
  readonly shown: (Uint8Array | null)[] = [];
  /** The messages that the char-server got before the link was up. */
  readonly said: string[] = [];
  readonly announced: unknown[] = [];
  /** The char-server answers the announcement only after this promise resolves. */
  untilAnnounced: Promise<void> = Promise.resolve();
  readonly hosted: (readonly string[])[] = [];
  readonly left: Message<"character.leave">[] = [];
  /** Leave requests get these answers in order. The last answer is repeated. */
  leaveAnswers: Answer<"character.leave">[] = [accepted({ isReleased: true })];
  readonly saved: Message<"character.save">[] = [];
  saveAnswer: Answer<"character.save"> = accepted({});
  readonly hopped: unknown[] = [];
  hopMs = 30_000;
  hopAnswer: Answer<"character.hop"> = accepted({
    host: "other",
    port: 7300,
    wsUrl: null,
    otherDoors: [],
    near: [],
  });
  readonly reclaims: Message<"character.reclaim">["characters"][] = [];
  reclaimAnswers: Answer<"character.reclaim">[] = [];
  /** The players that are present on the map-server, as the link sees them. */
  here: Player[] = [];
  readonly kicked: unknown[] = [];
  lost = 0;
  linked = 0;
  readonly worldChanges: unknown[] = [];
  readonly worldReads: (readonly string[])[] = [];
  readonly worldWrites: Message<"world.change">[] = [];
  readonly scores: Message<"score.submit">[] = [];
  worldAnswer: Answer<"world.change"> = accepted({ version: 8 });
  readonly standings: (readonly [AccountId, Standing])[] = [];
  readonly bans: MessageOf<typeof charToMap, "bans.changed">[] = [];
  drains = 0;
  readonly closed: string[] = [];
  readonly player = { ...of, ...ofLogin, owner: { state: "leaving" } } as unknown as Player;
  #saves = 0;
  readonly link: CharLink;

  constructor() {
    const { clock } = this;
    this.link = new CharLink(testHost({ clock }), {
      connectChar: this.connect,
      credentials: { server: "map-1", username: "alpha", password: "right" },
      address: { host: "127.0.0.1", port: 7300, wsUrl: null, otherDoors: [], near: [] },
      maps: ["harbour", "forest"],
      playersMax: 50,
      host: (maps) => void this.hosted.push(maps),
      drain: () => {
        this.drains += 1;
      },
      expect: () => refused("full"),
      forget: (...what) => void this.kicked.push(["forget", ...what]),
      kick: (...what) => this.kicked.push(["kick", ...what]) === 1,
      gamemasters: { where: () => null, warp: () => false, announce: () => {} },
      here: () => this.here,
      lost: () => {
        this.lost += 1;
      },
      linked: () => {
        this.linked += 1;
      },
      standingChanged: (...what) => void this.standings.push(what),
      bansChanged: (changed) => void this.bans.push(changed),
      worldChanged: (state) => void this.worldChanges.push(state),
    });
  }

  readonly connect = async (): Promise<ByteChannel> => {
    if (this.isUnreachable) throw new Error("connection refused");
    const pair = memoryChannelPair(["map-1", "char"]);
    this.links.push(this.#charServer(pair[1]));
    this.near = pair[0];
    return pair[0];
  };

  async start(): Promise<void> {
    void this.link.start();
    await this.clock.advance(0);
  }

  /** Returns a save of this state with the next save number. */
  next(state: CharacterState): Save {
    this.#saves += 1;
    return { ...state, saveNumber: this.#saves };
  }

  /** Sends a leave request. `outcome` is null until the outcome is known. */
  leaving(state: CharacterState | null = null): { outcome: unknown } {
    const told: { outcome: unknown } = { outcome: null };
    void this.link.leave(this.player, "offline", state && this.next(state)).then((outcome) => {
      told.outcome = outcome;
    });
    return told;
  }

  #charServer(channel: ByteChannel): Link<typeof charToMap, typeof mapToChar> {
    const handshake = new AnsweringHandshake({
      passwordOf: () => "right",
      randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
      admit: async (_server, cookie) => {
        this.shown.push(cookie);
        if (cookie !== null && !this.isCookieKnown) return refused("cookie-unknown");
        const incarnation = Incarnation("0011223344556677");
        const next = new Uint8Array(32).fill(this.shown.length);
        return accepted({ incarnation, cookie: next, reconnectMs: 15_000 });
      },
      reclaimed: async () => {
        this.said.push("reclaimed");
        return accepted({});
      },
      leave: async () => accepted({}),
    });
    return new Link<typeof charToMap, typeof mapToChar>({
      channel,
      sends: new MessageCodec(charToMap),
      receives: new MessageCodec(mapToChar),
      handlers: handshake.handlersWith<typeof mapToChar>({
        "map-server.announce": async (message) => {
          this.announced.push(message);
          this.said.push("announced");
          this.links.at(-1)?.notify({ type: "map-server.host", maps: ["harbour"] });
          await this.untilAnnounced;
          return accepted({ hopMs: this.hopMs });
        },
        "map-server.status": () => {},
        "character.enter": async () => accepted({}),
        "character.save": async (message) => {
          this.saved.push(message);
          return this.saveAnswer;
        },
        "character.leave": async (message) => {
          this.left.push(message);
          const answers = this.leaveAnswers;
          const [next = accepted({ isReleased: true })] = answers.length > 1 ? answers.splice(0, 1) : answers;
          return next;
        },
        "character.hop": async (message) => {
          this.hopped.push(message);
          return this.hopAnswer;
        },
        "character.reclaim": async ({ characters }) => {
          this.reclaims.push(characters);
          this.said.push(`reclaim ${characters.length}`);
          return this.reclaimAnswers.shift() ?? accepted({ lost: [] });
        },
        "order.kick": async () => accepted({}),
        "order.mute": async () => accepted({}),
        "order.go-to": async () => refused("no-such-player"),
        "order.go": async () => accepted({}),
        "order.summon": async () => accepted({}),
        "order.announce": async () => accepted({}),
        "score.submit": async (message) => {
          this.scores.push(message);
          return accepted({});
        },
        "world.read": async ({ keys }) => {
          this.worldReads.push(keys);
          return accepted({ states: [{ key: "sign", version: 7, value: "{}" }] });
        },
        "world.change": async (message) => {
          this.worldWrites.push(message);
          return this.worldAnswer;
        },
      }),
      clock: this.clock,
      limits: interServerLimits,
      heartbeat: interServerHeartbeat,
      events: { closed: ({ type }) => void this.closed.push(type) },
    });
  }
}
