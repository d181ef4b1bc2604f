import {
  attributesCharsMax,
  charToMap,
  type LinkStatus,
  mapToChar,
  type Presence,
  reclaimMax,
} from "@sallyport/cluster-protocol";
import {
  type AccountId,
  accepted,
  type CharacterState,
  type CharId,
  type Fence,
  type KickReason,
  type Outcome,
  type PublicAddress,
  refused,
} from "@sallyport/domain";
import { type ByteChannel, type Clock, delay, type HandlerAnswer, type Link } from "@sallyport/link";
import { type CookieJar, insist, type Log, type Metrics, ServerLink, waits } from "@sallyport/server-kit";
import type { MessageOf } from "@sallyport/wire";
import type { Player } from "./player.ts";

export interface CharLinkDeps {
  readonly connectChar: () => Promise<ByteChannel>;
  /** `server` names this map-server; username and password are the char-server's. */
  readonly credentials: { readonly server: string; readonly username: string; readonly password: string };
  readonly address: PublicAddress;
  readonly maps: readonly string[];
  readonly playersMax: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly host: (maps: readonly string[]) => void;
  readonly drain: () => void;
  readonly expect: (
    character: MessageOf<typeof charToMap, "character.expect">,
  ) => HandlerAnswer<typeof charToMap, "character.expect">;
  readonly forget: (of: OfCharacter, reason: KickReason) => void;
  /** False when the character is not here. */
  readonly kick: (of: OfCharacter, reason: KickReason) => boolean;
  readonly cookies?: CookieJar;
  /** All whose locks are this server's, or may be. */
  readonly present: () => readonly Player[];
  /** Nothing here is this server's any more. */
  readonly lost: () => void;
  readonly failed: (error: unknown) => void;
}

export interface OfCharacter {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly charFence: Fence;
}

const leaveMs = 30_000;
/** How long the lock of a player that is saved is waited for. Clients wait 20 s for their answer. */
const releaseMs = 10_000;
/** A whole batch. */
const reclaimMs = 10_000;
const retryMs = 500;

interface Left {
  readonly isReleased: boolean;
}

type CharServerLink = Link<typeof mapToChar, typeof charToMap>;

/** The character locks and saves, as a map-server asks for them. */
export class CharLink {
  readonly #deps: CharLinkDeps;
  readonly #server: ServerLink<typeof mapToChar, typeof charToMap>;
  #isDraining = false;
  #isDrainTold = false;
  /** As long as its char-server says that a hop may take. */
  #hopMs = 0;

  constructor(deps: CharLinkDeps) {
    this.#deps = deps;
    this.#server = new ServerLink<typeof mapToChar, typeof charToMap>({
      ...deps,
      to: "char-server",
      nameVariable: "MAP_SERVER_NAME",
      connect: deps.connectChar,
      sends: mapToChar,
      receives: charToMap,
      handlers: {
        "map-server.host": ({ maps }) => deps.host(maps),
        "map-server.drain": async () => {
          deps.drain();
          return accepted({});
        },
        "character.expect": async (character) => deps.expect(character),
        "character.forget": (of) => deps.forget(of, of.reason),
        "character.kick": async (of) => (deps.kick(of, of.reason) ? accepted({}) : refused("not-held")),
      },
      admitted: async (link, isBack) => {
        if (isBack && !(await this.#reclaim(link))) return false;
        if (!(await this.#announce(link))) return false;
        // Asked to drain meanwhile, it has not told so.
        return this.#isDrainTold === this.#isDraining || this.#announce(link);
      },
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  async #announce(link: CharServerLink): Promise<boolean> {
    const { maps, playersMax, clock } = this.#deps;
    const { host, port, wsUrl, otherDoors, near } = this.#deps.address;
    const isDraining = this.#isDraining;
    const announce = { host, port, maps, playersMax, wsUrl, otherDoors, isDraining, near } as const;
    const announced = await insist(link, clock, () =>
      link.ask({ type: "map-server.announce", ...announce }, waits.askMs),
    );
    if (announced === null) return false;
    this.#isDrainTold = isDraining;
    this.#hopMs = announced.value.hopMs;
    return true;
  }

  /** Tells the char-server to give the maps to others, as soon as there is a link. */
  drain(): void {
    this.#isDraining = true;
    const link = this.#server.current;
    // One that is only just coming up is told of it as it is set up.
    if (link !== null) void this.#announce(link).catch(this.#deps.failed);
  }

  /** What it was told to host since is what nobody else may host. */
  get isDrainTold(): boolean {
    return this.#isDrainTold;
  }

  /** Everybody here, in batches. Whose lock is another's by now is forgotten. */
  async #reclaim(link: CharServerLink): Promise<boolean> {
    const { present, clock, forget, log } = this.#deps;
    const all = present();
    let lost = 0;
    for (let from = 0; from < all.length; from += reclaimMax) {
      const batch = all.slice(from, from + reclaimMax);
      const characters = batch.map(heldOf);
      const reclaimed = await insist(link, clock, () =>
        link.ask({ type: "character.reclaim", characters }, reclaimMs),
      );
      if (reclaimed === null) return false;
      const gone = new Set(reclaimed.value.lost);
      for (const player of batch) {
        // Who is just leaving asks again, and is told itself.
        if (!gone.has(player.accountId) || player.phase === "leaving") continue;
        lost += 1;
        forget(player, "lock-lost");
      }
    }
    log.info({ characters: all.length, lost }, "character locks reclaimed");
    return true;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  get isUp(): boolean {
    return this.#server.current !== null;
  }

  get state(): LinkStatus["state"] {
    return this.#server.state;
  }

  tellStatus(players: number, presence: Presence | null): void {
    this.#server.current?.notify({ type: "map-server.status", players, presence });
  }

  /** `unanswered`: it may count as playing there, and has to be left. */
  async enter({
    accountId,
    charId,
    charFence,
    loginId1,
  }: Player): Promise<Outcome<unknown, "lock-lost" | "unavailable" | "unanswered">> {
    const link = await this.#server.untilUp(waits.enterMs);
    if (link === null) return refused("unavailable");
    return link.ask({ type: "character.enter", accountId, charId, charFence, loginId1 }, waits.askMs);
  }

  /** `no-link`: it went down before an answer came, or was not there. */
  async save(player: Player, state: CharacterState) {
    const { charId, charFence } = player;
    const link = this.#server.current;
    if (link === null) return refused("no-link");
    const packed = pack(player, state);
    if (packed === null) return refused("state-invalid");
    const saved = await link.ask({ type: "character.save", charId, charFence, ...packed }, waits.askMs);
    return saved.ok || saved.refusal !== "unanswered" || link.isOpen ? saved : refused("no-link");
  }

  /** The position is on another map-server's map; what is answered is where the client is to go. */
  async hop(player: Player, state: CharacterState) {
    const { accountId, charId, charFence, loginId1 } = player;
    const link = this.#server.current;
    if (link === null) return refused("map-unavailable");
    const saved = pack(player, state);
    if (saved === null) return refused("state-invalid");
    const hopped = await link.ask(
      { type: "character.hop", accountId, charId, charFence, loginId1, saved },
      this.#hopMs,
    );
    const isKnown = hopped.ok || hopped.refusal !== "unanswered" || link.isOpen;
    // Lost with the link. Whose the character is by now is seen as it is reclaimed.
    if (isKnown || (await this.#server.untilUp(leaveMs)) === null) return hopped;
    return refused("map-unavailable");
  }

  /**
   * Saves and gives the lock back, once there is a link; asks again while the outcome is unknown, as long as the
   * character is still ours. Asking twice is harmless. `isReleased` false: all is saved, and the lock is given back later.
   */
  async leave(
    player: Player,
    to: "char-select" | "offline",
    saved: CharacterState | null,
  ): Promise<Outcome<Left, "lock-lost" | "state-invalid" | "unavailable">> {
    const { clock, failed } = this.#deps;
    const { accountId, charId, charFence } = player;
    const of = { type: "character.leave", accountId, charId, charFence, to } as const;
    let packed = saved && pack(player, saved);
    // The lock is given back all the same.
    const isTooLong = saved !== null && packed === null;
    let isSaved = false;
    const startMs = clock.nowMs();
    const untilMs = startMs + leaveMs;
    for (let leftMs = leaveMs; leftMs > 0; leftMs = untilMs - clock.nowMs()) {
      const link = await this.#server.untilUp(leftMs);
      if (link === null || player.phase === "gone") break;
      const left = await link.ask({ ...of, saved: packed }, waits.askMs);
      if (left.ok && left.value.isReleased) return isTooLong ? refused("state-invalid") : left;
      if (left.ok) [isSaved, packed] = [true, null];
      else if (left.refusal === "lock-lost" || left.refusal === "state-invalid") return refused(left.refusal);
      if (isSaved && clock.nowMs() - startMs >= releaseMs) break;
      await delay(clock, retryMs);
    }
    if (!isSaved) return refused("unavailable");
    if (player.phase !== "gone") this.#releaseLater(of).catch(failed);
    return isTooLong ? refused("state-invalid") : accepted({ isReleased: false });
  }

  /** Until it is done, or the link drops: what is not reclaimed then is free. */
  async #releaseLater(of: Omit<MessageOf<typeof mapToChar, "character.leave">, "saved">): Promise<void> {
    const link = this.#server.current;
    while (link?.isOpen) {
      const left = await link.ask({ ...of, saved: null }, waits.askMs);
      if (left.ok ? left.value.isReleased : left.refusal === "lock-lost") return;
      await delay(this.#deps.clock, retryMs);
    }
  }
}

const heldOf = (player: Player) => {
  const { accountId, loginId1, loginId2, sex, accountFence, trace, charId, charFence, phase } = player;
  const isPlaying = phase !== "expected" && phase !== "entering";
  return { accountId, loginId1, loginId2, sex, accountFence, trace, charId, charFence, isPlaying };
};

/**
 * Null for attributes longer than the char-server takes: sent all the same, they would cost the link. Numbers follow the
 * order in which states were read off the player, so that the highest is the newest, whatever overtakes what on the way.
 */
function pack(player: Player, { position, attributes }: CharacterState) {
  const text = JSON.stringify(attributes);
  if (text.length > attributesCharsMax) return null;
  player.saveNumber += 1;
  return { position, attributes: text, saveNumber: player.saveNumber };
}
