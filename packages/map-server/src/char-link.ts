import { attributesCharsMax, charToMap, mapToChar } from "@sallyport/cluster-protocol";
import {
  accepted,
  type CharacterState,
  type Fence,
  type AccountId,
  type CharId,
  type KickReason,
  type Outcome,
  refused,
} from "@sallyport/domain";
import { type ByteChannel, type Clock, delay, type HandlerAnswer } from "@sallyport/link";
import { type DoorAddress, type Log, type Metrics, ServerLink } from "@sallyport/server-kit";
import type { MessageOf } from "@sallyport/wire";
import type { Player } from "./player.ts";

export interface CharLinkDeps {
  readonly connectChar: () => Promise<ByteChannel>;
  /** `server` names this map-server; username and password are the char-server's. */
  readonly credentials: { readonly server: string; readonly username: string; readonly password: string };
  readonly address: DoorAddress;
  readonly maps: readonly string[];
  readonly playersMax: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly host: (maps: readonly string[]) => void;
  readonly expect: (
    character: MessageOf<typeof charToMap, "character.expect">,
  ) => HandlerAnswer<typeof charToMap, "character.expect">;
  readonly forget: (of: OfCharacter, reason: KickReason) => void;
  /** False when the character is not here. */
  readonly kick: (of: OfCharacter, reason: KickReason) => boolean;
  readonly lost: () => void;
  readonly failed: (error: unknown) => void;
}

export interface OfCharacter {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly charFence: Fence;
}

const askMs = 3_000;
const leaveMs = 30_000;
const retryMs = 500;

/** The character locks and saves, as a map-server asks for them. */
export class CharLink {
  readonly #deps: CharLinkDeps;
  readonly #server: ServerLink<typeof mapToChar, typeof charToMap>;

  constructor(deps: CharLinkDeps) {
    this.#deps = deps;
    const { host, port, wsUrl = null } = deps.address;
    this.#server = new ServerLink<typeof mapToChar, typeof charToMap>({
      ...deps,
      to: "char-server",
      connect: deps.connectChar,
      sends: mapToChar,
      receives: charToMap,
      handlers: {
        "map-server.host": ({ maps }) => deps.host(maps),
        "character.expect": async (character) => deps.expect(character),
        "character.forget": (of) => deps.forget(of, of.reason),
        "character.kick": async (of) => (deps.kick(of, of.reason) ? accepted({}) : refused("not-held")),
      },
      admitted: async (link) => {
        const { maps, playersMax } = deps;
        const announced = await link.ask(
          { type: "map-server.announce", host, port, maps, playersMax, wsUrl },
          askMs,
        );
        if (announced.ok) deps.host(announced.value.maps);
        return announced.ok;
      },
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  get isUp(): boolean {
    return this.#server.current !== null;
  }

  tellPlayers(players: number): void {
    this.#server.current?.notify({ type: "map-server.status", players });
  }

  /** `unanswered`: it may count as playing there, and has to be left. */
  async enter({
    accountId,
    charId,
    charFence,
    loginId1,
  }: Player): Promise<Outcome<unknown, "lock-lost" | "unavailable" | "unanswered">> {
    const link = this.#server.current;
    if (link === null) return refused("unavailable");
    return link.ask({ type: "character.enter", accountId, charId, charFence, loginId1 }, askMs);
  }

  async save({ charId, charFence }: Player, state: CharacterState) {
    const link = this.#server.current;
    if (link === null) return refused("unavailable");
    const packed = pack(state);
    if (packed === null) return refused("state-invalid");
    return link.ask({ type: "character.save", charId, charFence, ...packed }, askMs);
  }

  /**
   * Saves and gives the lock back; asks again while the outcome is unknown, as long as the character is still ours
   * and the link is the same. Asking twice is harmless.
   */
  async leave(
    player: Player,
    to: "char-select" | "offline",
    saved: CharacterState | null,
  ): Promise<Outcome<unknown, "lock-lost" | "state-invalid" | "unavailable">> {
    const link = this.#server.current;
    const { clock } = this.#deps;
    const { accountId, charId, charFence } = player;
    const packed = saved && pack(saved);
    // The lock is given back all the same.
    const isTooLong = saved !== null && packed === null;
    const untilMs = clock.nowMs() + leaveMs;
    while (link?.isOpen && player.phase !== "gone" && clock.nowMs() < untilMs) {
      const left = await link.ask(
        { type: "character.leave", accountId, charId, charFence, to, saved: packed },
        askMs,
      );
      if (left.ok) return isTooLong ? refused("state-invalid") : left;
      if (left.refusal === "lock-lost" || left.refusal === "state-invalid") return refused(left.refusal);
      await delay(clock, retryMs);
    }
    return refused("unavailable");
  }
}

/** Null for attributes longer than the char-server takes: sent all the same, they would cost the link. */
function pack({ position, attributes }: CharacterState) {
  const text = JSON.stringify(attributes);
  return text.length > attributesCharsMax ? null : { position, attributes: text };
}
