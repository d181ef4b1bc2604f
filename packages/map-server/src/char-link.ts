import { retry } from "@sallyport/clock";
import {
  charToMap,
  kickFrom,
  type LinkStatus,
  mapToChar,
  type Presence,
  packScore,
  reclaimMax,
} from "@sallyport/cluster-protocol";
import {
  type Accepted,
  type AccountId,
  type Announced,
  accepted,
  attributesCharsMax,
  type CharId,
  type Fence,
  type Kick,
  kickFor,
  type Outcome,
  type Position,
  type PublicAddress,
  type Refused,
  refused,
  type Score,
  type Standing,
} from "@sallyport/domain";
import type { ByteChannel, HandlerAnswer, Link, RequestResult } from "@sallyport/link";
import {
  type CookieJar,
  type Host,
  insist,
  type LinkCredentials,
  ServerLink,
  waits,
} from "@sallyport/server-kit";
import type { MessageOf, RequestName } from "@sallyport/wire";
import { isIn, type Player, type Save } from "./player.ts";

export interface CharLinkDeps {
  readonly connectChar: () => Promise<ByteChannel>;
  readonly credentials: LinkCredentials;
  readonly address: PublicAddress;
  readonly maps: readonly string[];
  readonly playersMax: number;
  readonly host: (maps: readonly string[]) => void;
  readonly drain: () => void;
  readonly expect: (
    character: MessageOf<typeof charToMap, "character.expect">,
  ) => HandlerAnswer<typeof charToMap, "character.expect">;
  readonly forget: (of: OfCharacter, kick: Kick) => void;
  /** Returns false if the character is not here. */
  readonly kick: (of: OfCharacter, kick: Kick) => boolean;
  readonly gamemasters: OrdersHere;
  readonly cookies?: CookieJar | undefined;
  /** Returns all players whose locks this server owns or may own. */
  readonly here: () => readonly Player[];
  /** Called when this server no longer owns any lock. */
  readonly lost: () => void;
  /** Called when the link is about to be up, for the first time or again. */
  readonly linked: () => void;
  /** Operators changed what the account may do. */
  readonly standingChanged: (accountId: AccountId, standing: Standing) => void;
  readonly bansChanged: (changed: MessageOf<typeof charToMap, "bans.changed">) => void;
  readonly worldChanged: (state: MessageOf<typeof charToMap, "world.changed">) => void;
}

/** What orders of gamemasters on other map-servers mean to the players here. */
export interface OrdersHere {
  /** Null: the player is not here, or not on a map. */
  where(of: OfCharacter): Position | null;
  /** Returns false if the player is not here, or not on a map. */
  warp(of: OfCharacter, to: Position): boolean;
  /** Null: on all maps of this server. */
  announce(announced: Announced, map: string | null): void;
}

export interface OfCharacter {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly charFence: Fence;
}

const leaveMs = 30_000;
/**
 * After this time, a player whose save is stored leaves even if its lock is not released yet. This time must
 * be shorter than the 20 s for which a client waits for its answer.
 */
const releaseMs = 10_000;
const reclaimMs = 10_000;
const retryMs = 500;
/**
 * All map-servers lose their links at once if the char-server restarts. Each map-server then tries to
 * reconnect every 1.5 s, so all of them are linked again within this time.
 */
const othersBackMs = 5_000;

/** The char-server may ask another map-server before it answers. */
const orderMs = 2 * waits.askMs;

type OrderName = Extract<keyof typeof mapToChar, `order.${string}`>;

interface Left {
  readonly isReleased: boolean;
}

type CharServerLink = Link<typeof mapToChar, typeof charToMap>;

export class CharLink {
  readonly #host: Host;
  readonly #deps: CharLinkDeps;
  readonly #server: ServerLink<typeof mapToChar, typeof charToMap>;
  #isDraining = false;
  #isDrainTold = false;
  #linkedAgainMs = Number.NEGATIVE_INFINITY;
  /**
   * How long in milliseconds this server waits for the answer to a hop. The char-server sends this number.
   */
  #hopMs = 0;

  constructor(host: Host, deps: CharLinkDeps) {
    this.#host = host;
    this.#deps = deps;
    this.#server = new ServerLink<typeof mapToChar, typeof charToMap>(host, {
      to: "char-server",
      nameVariable: "MAP_SERVER_NAME",
      connect: deps.connectChar,
      credentials: deps.credentials,
      cookies: deps.cookies,
      lost: deps.lost,
      sends: mapToChar,
      receives: charToMap,
      handlers: {
        "map-server.host": ({ maps }) => deps.host(maps),
        "map-server.drain": async () => {
          deps.drain();
          return accepted({});
        },
        "character.expect": async (character) => deps.expect(character),
        "character.forget": (of) => deps.forget(of, kickFrom(of)),
        "character.kick": async (of) => (deps.kick(of, kickFrom(of)) ? accepted({}) : refused("not-held")),
        "account.changed": ({ accountId, role, mutedUntilMs }) =>
          deps.standingChanged(accountId, { role, mutedUntilMs }),
        "bans.changed": (changed) => deps.bansChanged(changed),
        "character.where": async (of) => {
          const position = deps.gamemasters.where(of);
          return position === null ? refused("not-held") : accepted({ position });
        },
        "character.warp": async ({ position, ...of }) =>
          deps.gamemasters.warp(of, position) ? accepted({}) : refused("not-held"),
        announcement: ({ text, from, map }) => deps.gamemasters.announce({ text, from }, map),
        "world.changed": (state) => deps.worldChanged(state),
      },
      admitted: async (link, isBack) => {
        if (isBack) this.#linkedAgainMs = host.clock.nowMs();
        if (isBack && !(await this.#reclaim(link))) return false;
        if (!(await this.#announce(link))) return false;
        deps.linked();
        // The drain may have begun during the announcement. The char-server then needs a second announcement.
        return this.#isDrainTold === this.#isDraining || this.#announce(link);
      },
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  async #announce(link: CharServerLink): Promise<boolean> {
    const { maps, playersMax } = this.#deps;
    const { host, port, wsUrl, otherDoors, near } = this.#deps.address;
    const isDraining = this.#isDraining;
    const offered = { host, port, maps, playersMax, wsUrl, otherDoors, near };
    const announce = { ...offered, isDraining, hearsOrders: true } as const;
    const announced = await insist(link, this.#host.clock, () =>
      link.ask({ type: "map-server.announce", ...announce }, waits.askMs),
    );
    if (announced === null) return false;
    this.#isDrainTold = isDraining;
    this.#hopMs = announced.value.hopMs;
    return true;
  }

  /**
   * Asks the char-server to assign the maps of this server to other map-servers. The request waits until the
   * link is up.
   */
  drain(): void {
    this.#isDraining = true;
    const link = this.#server.current;
    if (link !== null) void this.#announce(link).catch(this.#host.failed);
  }

  /**
   * True once the char-server knows of the drain. After that, this server hosts only maps that no other
   * server can host.
   */
  get isDrainTold(): boolean {
    return this.#isDrainTold;
  }

  /**
   * False shortly after a reconnect, because the other map-servers may not be linked to the char-server yet.
   */
  get areOthersLinked(): boolean {
    return this.#host.clock.nowMs() - this.#linkedAgainMs >= othersBackMs;
  }

  /**
   * Reclaims the locks of all players, and forgets players whose locks now have another owner. Returns false
   * if the link closed during this work.
   */
  async #reclaim(link: CharServerLink): Promise<boolean> {
    const { clock, log } = this.#host;
    const { here, forget } = this.#deps;
    const all = here();
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
        // The lock is lost, but the player is leaving. The refusal of its leave request will report the lost
        // lock.
        if (!gone.has(player.accountId) || isIn(player, "leaving")) continue;
        lost += 1;
        forget(player, kickFor("lock-lost"));
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

  /**
   * Asks the char-server for the lock. If the result is `unanswered`, the char-server may have granted the
   * lock. The caller must then release it.
   */
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

  /** Refuses with `no-link` if there is no link, or if the link closes before the answer. */
  async save({ charId, charFence }: Player, save: Save) {
    const link = this.#server.current;
    if (link === null) return refused("no-link");
    const packed = pack(save);
    if (packed === null) return refused("state-invalid");
    const saved = await link.ask({ type: "character.save", charId, charFence, ...packed }, waits.askMs);
    return saved.ok || saved.refusal !== "unanswered" || link.isOpen ? saved : refused("no-link");
  }

  readWorld(keys: readonly string[]) {
    return this.#ask<"world.read">({ type: "world.read", keys });
  }

  changeWorld(change: Omit<MessageOf<typeof mapToChar, "world.change">, "type">) {
    return this.#ask<"world.change">({ type: "world.change", ...change });
  }

  /** The answer `ok` means that the score is stored. A repeated request with the same key is harmless. */
  submitScore({ charId, charFence }: Player, key: string, score: Score) {
    return this.#ask<"score.submit">({ type: "score.submit", charId, charFence, key, ...packScore(score) });
  }

  order<N extends OrderName>(order: MessageOf<typeof mapToChar, N> & { readonly type: N }) {
    return this.#ask<N>(order, orderMs);
  }

  /** Waits for a link first. Refuses with `no-link` if there is none in time. Nothing was sent then. */
  async #ask<N extends RequestName<typeof mapToChar>>(
    request: MessageOf<typeof mapToChar, N> & { readonly type: N },
    withinMs: number = waits.askMs,
  ): Promise<RequestResult<typeof mapToChar, N> | Refused<"no-link">> {
    const link = await this.#server.untilUp(waits.askMs);
    return link === null ? refused("no-link") : link.ask<N>(request, withinMs);
  }

  /**
   * Asks the char-server for a hop to the map-server that hosts the map in `save`. The answer contains the
   * address for the client.
   */
  async hop({ accountId, charId, charFence, loginId1 }: Player, save: Save) {
    const link = this.#server.current;
    if (link === null) return refused("map-unavailable");
    const saved = pack(save);
    if (saved === null) return refused("state-invalid");
    const hopped = await link.ask(
      { type: "character.hop", accountId, charId, charFence, loginId1, saved },
      this.#hopMs,
    );
    const isKnown = hopped.ok || hopped.refusal !== "unanswered" || link.isOpen;
    // The link closed before the answer arrived. The reclaim after a reconnect shows who owns the character.
    if (isKnown || (await this.#server.untilUp(leaveMs)) === null) return hopped;
    return refused("map-unavailable");
  }

  /**
   * Saves the character and releases its lock. Waits for a link first. Repeats the request while the outcome
   * is unknown and this server still owns the character. A repeated request is harmless. If `isReleased` is
   * false, the character is saved and its lock is released later.
   */
  async leave(
    player: Player,
    to: "char-select" | "offline",
    saved: Save | null,
  ): Promise<Outcome<Left, "lock-lost" | "state-invalid" | "unavailable">> {
    const { clock, failed } = this.#host;
    const { accountId, charId, charFence } = player;
    const of = { type: "character.leave", accountId, charId, charFence, to } as const;
    const packed = saved && pack(saved);
    // Attributes that are too long cannot be saved, but the lock must still be released.
    const isTooLong = saved !== null && packed === null;
    let isSaved = false;
    const startMs = clock.nowMs();
    const ask = async () => {
      const leftMs = startMs + leaveMs - clock.nowMs();
      const link = leftMs > 0 ? await this.#server.untilUp(leftMs) : null;
      if (link === null || isIn(player, "gone")) return null;
      const left = await link.ask({ ...of, saved: isSaved ? null : packed }, waits.askMs);
      isSaved ||= left.ok;
      return left;
    };
    const left = await retry(clock, ask, (left) =>
      isSettled(left) || (isSaved && clock.nowMs() - startMs >= releaseMs) ? null : retryMs,
    );
    if (left !== null && isSettled(left)) return isTooLong && left.ok ? refused("state-invalid") : left;
    if (!isSaved) return refused("unavailable");
    if (!isIn(player, "gone")) this.#releaseLater(of).catch(failed);
    return isTooLong ? refused("state-invalid") : accepted({ isReleased: false });
  }

  /**
   * Repeats the release until it succeeds or the link closes. This server does not reclaim the lock after a
   * reconnect, so the lock then becomes free.
   */
  async #releaseLater(of: Omit<MessageOf<typeof mapToChar, "character.leave">, "saved">): Promise<void> {
    const link = this.#server.current;
    const ask = async () => (link?.isOpen ? link.ask({ ...of, saved: null }, waits.askMs) : null);
    await retry(this.#host.clock, ask, (left) => (isSettled(left) ? null : retryMs));
  }
}

const heldOf = (player: Player) => {
  const { accountId, loginId1, loginId2, sex, accountFence, trace, charId, charFence } = player;
  const isPlaying = !isIn(player, "expected") && !isIn(player, "entering");
  return { accountId, loginId1, loginId2, sex, accountFence, trace, charId, charFence, isPlaying };
};

type LeaveAnswer = RequestResult<typeof mapToChar, "character.leave"> | null;
type Settled = Accepted<Left> | Refused<"lock-lost" | "state-invalid"> | null;

/**
 * True if a second request would get the same answer. A null answer means that there was no link or that the
 * player is gone.
 */
const isSettled = (left: LeaveAnswer): left is Settled =>
  left?.ok ? left.value.isReleased : left?.refusal !== "unavailable" && left?.refusal !== "unanswered";

/**
 * Returns null if the attributes are too long. The char-server would close the link because of such a
 * message.
 */
function pack({ attributes, ...save }: Save) {
  const text = JSON.stringify(attributes);
  return text.length > attributesCharsMax ? null : { ...save, attributes: text };
}
