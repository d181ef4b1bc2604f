import type { Clock } from "@sallyport/clock";
import { charToMap, mapToChar } from "@sallyport/cluster-protocol";
import { accepted, refused } from "@sallyport/domain";
import { type ByteChannel, type HandlerAnswer, type Link, memoryChannelPair } from "@sallyport/link";
import { ServerLink } from "@sallyport/server-kit";
import { testHost } from "@sallyport/testkit";
import type { MessageOf } from "@sallyport/wire";

export type Expected = MessageOf<typeof charToMap, "character.expect">;
export type HeldCharacter = MessageOf<typeof mapToChar, "character.reclaim">["characters"][number];

type Answer = HandlerAnswer<typeof charToMap, "character.expect">;

export const held = ({ accountId, charId, charFence }: Expected) => ({ accountId, charId, charFence });

export const heldCharacter = (of: Expected): HeldCharacter => {
  const { loginId1, loginId2, sex, accountFence, trace } = of;
  return { ...held(of), loginId1, loginId2, sex, accountFence, trace, isPlaying: true };
};

/**
 * Stands in for a map-server. It accepts every character, and releases a character only when the test says
 * so.
 */
export class HandMadeMapServer {
  readonly #server: ServerLink<typeof mapToChar, typeof charToMap>;
  #near: ByteChannel | null = null;
  isUnreachable = false;
  readonly expected: Expected[] = [];
  readonly forgotten: MessageOf<typeof charToMap, "character.forget">[] = [];
  readonly kicked: MessageOf<typeof charToMap, "character.kick">[] = [];
  readonly standings: MessageOf<typeof charToMap, "account.changed">[] = [];
  readonly bans: MessageOf<typeof charToMap, "bans.changed">[] = [];
  readonly worldChanges: MessageOf<typeof charToMap, "world.changed">[] = [];
  readonly sought: MessageOf<typeof charToMap, "character.where">[] = [];
  found: HandlerAnswer<typeof charToMap, "character.where"> = refused("not-held");
  readonly warped: MessageOf<typeof charToMap, "character.warp">[] = [];
  readonly announced: MessageOf<typeof charToMap, "announcement">[] = [];
  says: (character: Expected) => Answer | Promise<Answer> = () => accepted({});
  /**
   * The map-server reclaims these characters when it comes back. While this is null, it does not set up its
   * link.
   */
  has: readonly HeldCharacter[] | null = [];
  /** The map-server could not reclaim the characters of these accounts. */
  readonly lost: number[] = [];
  readonly #maps: string[];

  constructor(clock: Clock, accept: (channel: ByteChannel) => void, server = "map-1", maps = ["harbour"]) {
    this.#maps = maps;
    this.#server = new ServerLink<typeof mapToChar, typeof charToMap>(testHost({ clock }), {
      to: "char-server",
      nameVariable: "MAP_SERVER_NAME",
      connect: async () => {
        if (this.isUnreachable) throw new Error("connection refused");
        const [near, far] = memoryChannelPair([server, "alpha"]);
        accept(far);
        this.#near = near;
        return near;
      },
      sends: mapToChar,
      receives: charToMap,
      handlers: {
        "map-server.host": () => {},
        "map-server.drain": async () => accepted({}),
        "character.expect": async (character) => {
          this.expected.push(character);
          return this.says(character);
        },
        "character.forget": (of) => void this.forgotten.push(of),
        "character.kick": async (of) => {
          this.kicked.push(of);
          return accepted({});
        },
        "account.changed": (changed) => void this.standings.push(changed),
        "bans.changed": (changed) => void this.bans.push(changed),
        "character.where": async (of) => {
          this.sought.push(of);
          return this.found;
        },
        "character.warp": async (of) => {
          this.warped.push(of);
          return accepted({});
        },
        announcement: (announced) => void this.announced.push(announced),
        "world.changed": (state) => void this.worldChanges.push(state),
      },
      credentials: { server, username: "alpha", password: "right" },
      admitted: (link, isBack) => this.#setUp(link, isBack),
      lost: () => {},
    });
  }

  async start(): Promise<void> {
    void this.#server.start();
  }

  get isUp(): boolean {
    return this.#server.current !== null;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  cut(): void {
    this.#near?.destroy();
  }

  get link(): Link<typeof mapToChar, typeof charToMap> {
    const { current } = this.#server;
    if (current === null) throw new Error("not linked");
    return current;
  }

  enter(character: Expected) {
    const { loginId1 } = character;
    return this.link.ask({ type: "character.enter", ...held(character), loginId1 }, 3_000);
  }

  save(character: Expected, saveNumber: number, gold: number) {
    const { charId, charFence } = character;
    return this.link.ask(
      { type: "character.save", charId, charFence, ...stateOf(character, saveNumber, gold) },
      3_000,
    );
  }

  submit({ charId, charFence }: Expected, key: string, score = "7") {
    const submitted = { key, board: "Shells", score, comment: "" };
    return this.link.ask({ type: "score.submit", charId, charFence, ...submitted }, 3_000);
  }

  /** If `gold` is null, the map-server leaves without a save. */
  leave(character: Expected, gold: number | null = null, to: "char-select" | "offline" = "offline") {
    const saved = gold === null ? null : stateOf(character, 1, gold);
    return this.link.ask({ type: "character.leave", ...held(character), to, saved }, 3_000);
  }

  hop(character: Expected, map = character.position.map) {
    const { loginId1 } = character;
    const of = { ...held(character), loginId1 };
    const saved = { ...stateOf(character, 1, 0), position: { ...character.position, map } };
    return this.link.ask({ type: "character.hop", ...of, saved }, 30_000);
  }

  async #setUp(link: Link<typeof mapToChar, typeof charToMap>, isBack: boolean): Promise<boolean> {
    if (isBack && this.has === null) await new Promise(() => {});
    if (isBack && this.has !== null) {
      const reclaimed = await link.ask({ type: "character.reclaim", characters: [...this.has] }, 3_000);
      if (!reclaimed.ok) throw new Error(reclaimed.refusal);
      this.lost.push(...reclaimed.value.lost);
    }
    const address = { host: "map", port: 3, wsUrl: null, otherDoors: [], near: [] };
    const announce = { ...address, maps: this.#maps, playersMax: 100, isDraining: false, hearsOrders: true };
    const announced = await link.ask({ type: "map-server.announce", ...announce }, 3_000);
    return announced.ok;
  }
}

const stateOf = ({ position }: Expected, saveNumber: number, gold: number) => ({
  saveNumber,
  position,
  attributes: JSON.stringify({ gold }),
});
