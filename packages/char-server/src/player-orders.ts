import type { mapToChar } from "@sallyport/cluster-protocol";
import type { AccountOrders, CharacterStore, Trail } from "@sallyport/database";
import {
  type AccountId,
  type Announced,
  type AnnouncementOrder,
  accepted,
  type CharId,
  Fence,
  LoginId,
  type OrderName,
  type Outcome,
  type Position,
  type Role,
  refused,
  roles,
} from "@sallyport/domain";
import type { HandlerAnswer } from "@sallyport/link";
import { isSameOwner, type Owner } from "@sallyport/lock-core";
import {
  type AdmittedServer,
  type Host,
  mayOrder,
  type RoleOrders,
  unavailable,
  waits,
} from "@sallyport/server-kit";
import type { MessageOf } from "@sallyport/wire";
import type { Announcements } from "./announcements.ts";
import type { CharacterLocks } from "./character-locks.ts";
import type { LoginLink } from "./login-link.ts";
import type { MapHosting, MapServerLink } from "./map-hosting.ts";

export interface PlayerOrdersDeps {
  readonly characters: Pick<CharacterStore, "find" | "list">;
  readonly locks: Pick<CharacterLocks, "read" | "evict">;
  readonly hosting: Pick<MapHosting, "hearing" | "known">;
  readonly login: Pick<LoginLink, "announceEverywhere">;
  /** Stores a mute and tells map-servers of it. */
  readonly mute: (
    of: Parameters<AccountOrders["setMute"]>[0],
  ) => Promise<Outcome<unknown, "no-such-account">>;
  readonly announcements: Announcements;
  readonly roleOrders: RoleOrders;
  readonly world: string;
  readonly trail: Pick<Trail, "note">;
}

type OrderType = Extract<keyof typeof mapToChar, `order.${string}`>;
type Ordered<T extends OrderType = OrderType> = MessageOf<typeof mapToChar, T>;
type Answers = {
  readonly [T in OrderType]: (order: Ordered<T>) => Promise<HandlerAnswer<typeof mapToChar, T>>;
};
type NotMeant = "no-such-player" | "not-allowed";
type Gamemaster = Pick<Ordered<"order.kick">, "accountId" | "charId" | "charFence">;
type Done<R extends string> = Outcome<Record<never, never>, R | "unavailable">;

/** The character that an order is about. */
interface About {
  readonly accountId: AccountId;
  readonly charId: CharId;
}

/** A player in the world, with the map-server that has it. */
interface Placed extends About {
  readonly charFence: Fence;
  readonly link: MapServerLink;
}

/** An order that was carried out. `about` is null if it is about no player. */
type CarriedOut<Reply, R extends string> = Outcome<
  { readonly reply: Reply; readonly about: About | null },
  R | "unavailable"
>;

/**
 * Carries out the orders of gamemasters and operators about players of this world, wherever they play. Every
 * method can throw `Unavailable`.
 */
export class PlayerOrders {
  readonly #host: Pick<Host, "log" | "wallMs">;
  readonly #deps: PlayerOrdersDeps;

  constructor(host: Pick<Host, "log" | "wallMs">, deps: PlayerOrdersDeps) {
    this.#host = host;
    this.#deps = deps;
  }

  /**
   * Saves the player of this name and makes it leave. `text` is what it is told, and may be empty. The caller
   * has to know that the operator may do that.
   */
  async kick(name: string, text: string): Promise<Done<"no-such-player">> {
    const kicked = await this.#kick(name, text, null);
    if (kicked.ok) return accepted({});
    return kicked.refusal === "not-allowed"
      ? refused("no-such-player")
      : { ...kicked, refusal: kicked.refusal };
  }

  async announce(announced: Announced, order: AnnouncementOrder, map: string): Promise<Done<"no-such-map">> {
    if (order === "announce-map" && !this.#deps.hosting.known.has(map)) return refused("no-such-map");
    return this.#announce(announced, order, map);
  }

  /** The answers to one map-server. The gamemaster has to play there. */
  answersTo(owner: () => AdmittedServer): Answers {
    const ordered =
      <O extends Ordered, Reply, R extends string>(
        carryOut: (order: O, by: Role) => Promise<CarriedOut<Reply, R>>,
      ) =>
      async (order: O): Promise<Outcome<Reply, R | "lock-lost" | "not-allowed" | "unavailable">> => {
        const role = await this.#roleOf(owner(), order);
        if (role === null) return refused("lock-lost");
        const name = nameOf(order);
        if (!mayOrder(this.#deps.roleOrders, role, name)) return refused("not-allowed");
        const done = await carryOut(order, role);
        if (done.ok) this.#note(name, order, done.value.about);
        return replyOf(done);
      };
    return {
      "order.kick": ordered(({ player, text }: Ordered<"order.kick">, by) => this.#kick(player, text, by)),
      "order.mute": ordered(({ player, minutes }: Ordered<"order.mute">, by) =>
        this.#mute(player, minutes, by),
      ),
      "order.go-to": ordered(({ player }: Ordered<"order.go-to">) => this.#where(player)),
      "order.go": ordered(async ({ position }: Ordered<"order.go">) =>
        this.#deps.hosting.known.has(position.map) ? carriedOut(null) : refused("no-such-map"),
      ),
      "order.summon": ordered(({ player, position }: Ordered<"order.summon">, by) =>
        this.#summon(player, position, by),
      ),
      "order.announce": ordered(async ({ text, from, order, map }: Ordered<"order.announce">) => {
        const announced = await this.#announce({ text, from }, order, map);
        return announced.ok ? carriedOut(null) : announced;
      }),
    };
  }

  /** To all worlds it goes through a login-server, because login-servers have the links to the other worlds. */
  async #announce(announced: Announced, order: AnnouncementOrder, map: string): Promise<Done<never>> {
    const { announcements, login } = this.#deps;
    if (order === "announce-all") return login.announceEverywhere(announced);
    announcements.announce(announced, order === "announce-map" ? map : null);
    return accepted({});
  }

  async #kick(name: string, text: string, by: Role | null): Promise<CarriedOut<Nothing, NotMeant>> {
    const found = await this.#named(name, by);
    if (!found.ok) return found;
    const { locks } = this.#deps;
    const { accountId, charId } = found.value;
    const lock = await locks.read(accountId);
    if (!("charId" in lock) || lock.charId !== charId) return refused("no-such-player");
    const told = { reason: "kicked", untilMs: null, text: text === "" ? null : text } as const;
    const isAsked = await locks.evict(accountId, LoginId(lock.loginId1), told);
    return isAsked ? carriedOut(found.value) : refused("no-such-player");
  }

  /** The account is muted in all worlds, also while none of its characters plays. */
  async #mute(name: string, minutes: number, by: Role): Promise<CarriedOut<Nothing, NotMeant>> {
    const found = await this.#named(name, by);
    if (!found.ok) return found;
    const untilMs = minutes === 0 ? null : this.#host.wallMs() + minutes * 60_000;
    const muted = await this.#deps.mute({ accountId: found.value.accountId, untilMs });
    return muted.ok ? carriedOut(found.value) : refused("no-such-player");
  }

  async #where(name: string): Promise<CarriedOut<{ readonly position: Position }, NotMeant>> {
    const placed = await this.#placed(name, null);
    if (!placed.ok) return placed;
    const { link, ...of } = placed.value;
    const found = foundThere(await link.ask({ type: "character.where", ...of }, waits.askMs));
    return found.ok ? accepted({ reply: found.value, about: of }) : found;
  }

  async #summon(name: string, position: Position, by: Role): Promise<CarriedOut<Nothing, NotMeant>> {
    const placed = await this.#placed(name, by);
    if (!placed.ok) return placed;
    const { link, ...of } = placed.value;
    const warped = foundThere(await link.ask({ type: "character.warp", ...of, position }, waits.askMs));
    return warped.ok ? carriedOut(of) : warped;
  }

  /** Null: whatever the role of the player. Otherwise nobody orders anything about somebody with more rights. */
  async #named(name: string, by: Role | null): Promise<Outcome<About, NotMeant>> {
    const { characters, world } = this.#deps;
    const found = await characters.find({ name, world });
    if (found === null) return refused("no-such-player");
    const { accountId, charId, standing } = found;
    const isAbove = by !== null && roles.indexOf(standing.role) > roles.indexOf(by);
    return isAbove ? refused("not-allowed") : accepted({ accountId, charId });
  }

  /** Finds a player that is on a map. A player that is on its way to a map can be found a little later. */
  async #placed(name: string, by: Role | null): Promise<Outcome<Placed, NotMeant | "unavailable">> {
    const found = await this.#named(name, by);
    if (!found.ok) return found;
    const { locks, hosting } = this.#deps;
    const { accountId, charId } = found.value;
    const lock = await locks.read(accountId);
    if (!("charId" in lock) || lock.charId !== charId || lock.state === "evicting")
      return refused("no-such-player");
    if (lock.state !== "playing") return unavailable();
    // A map-server of an older version would not understand the question.
    const host = hosting.hearing.find(({ incarnation }) => incarnation === lock.owner.incarnation);
    if (host === undefined) return unavailable();
    return accepted({ accountId, charId, charFence: Fence(lock.charFence), link: host.link });
  }

  /** Null: this map-server does not have the gamemaster. */
  async #roleOf(owner: Owner, { accountId, charId, charFence }: Gamemaster): Promise<Role | null> {
    const { characters, locks, world } = this.#deps;
    const lock = await locks.read(accountId);
    const isThere =
      "charFence" in lock &&
      lock.charId === charId &&
      lock.charFence === charFence &&
      isSameOwner(lock.owner, owner);
    if (!isThere) return null;
    const own = (await characters.list({ accountId, world })).find((each) => each.charId === charId);
    return own?.standing.role ?? null;
  }

  /** The entry is about the account of the player, so that its trail has the order. */
  #note(order: string, { accountId, charId, charFence: _, ...of }: Ordered, about: About | null): void {
    const { type: _type, ...ordered } = of;
    const player = "player" in ordered ? ordered.player : undefined;
    this.#host.log.info({ accountId, charId, order, player }, "order of a gamemaster");
    const { world, trail } = this.#deps;
    const meant = about ?? { accountId, charId };
    trail.note({
      what: order,
      ...{ accountId: meant.accountId, charId: meant.charId, by: `#${accountId}` },
      detail: { world, ...ordered },
    });
  }
}

/** The order as the setting of the rights and the trail name it. */
const nameOf = (ordered: Ordered): OrderName | "go" =>
  ordered.type === "order.announce" ? ordered.order : orderNamesOf[ordered.type];
const orderNamesOf = {
  "order.kick": "kick",
  "order.mute": "mute",
  "order.go-to": "go-to",
  "order.go": "go",
  "order.summon": "summon",
} as const;

type Nothing = Record<never, never>;
const carriedOut = (about: About | null) => accepted({ reply: {}, about });

const replyOf = <Reply, R extends string>(done: CarriedOut<Reply, R>): Outcome<Reply, R | "unavailable"> =>
  done.ok ? accepted(done.value.reply) : done;

/** The player may have left since its lock was read. */
const foundThere = <V>(
  answer: Outcome<V, "not-held" | "unanswered">,
): Outcome<V, "no-such-player" | "unavailable"> => {
  if (answer.ok) return answer;
  return answer.refusal === "not-held" ? refused("no-such-player") : unavailable();
};
