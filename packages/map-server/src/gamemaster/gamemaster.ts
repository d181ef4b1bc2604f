import {
  type Announced,
  type AnswerTo,
  accepted,
  type MapDoor,
  type Order,
  type OrderedPlayer,
  type Outcome,
  type Position,
  refused,
  refusedWith,
} from "@sallyport/domain";
import { type Host, type RoleOrders, unavailable } from "@sallyport/server-kit";
import type { CharLink, OfCharacter, OrdersHere } from "../char-link.ts";
import { CommandRate } from "../game/command-rate.ts";
import { isIn, type Player } from "../player.ts";
import type { Population } from "../population.ts";
import { problemOf } from "./order-problem.ts";

export interface GamemasterDeps {
  readonly link: Pick<CharLink, "order">;
  readonly population: Pick<Population, "find" | "mapOf" | "nameInView" | "players" | "warp">;
  readonly roleOrders: RoleOrders;
}

type Ordered = AnswerTo<MapDoor, "map.order">;
type OrderAboutPlayer = Extract<Order, { player: OrderedPlayer }>;

/** No person needs more, and a program of a gamemaster must not fill the trail. */
const ordersPerSecond = 5;

/**
 * Gamemasters of this map-server, and what the orders of others mean to its players. An order about a player
 * goes to the char-server even if the player is here, so that one path decides and the trail has all of them.
 */
export class Gamemasters implements OrdersHere {
  readonly #host: Pick<Host, "clock" | "wallMs">;
  readonly #deps: GamemasterDeps;
  readonly #rates = new WeakMap<Player, CommandRate>();

  constructor(host: Pick<Host, "clock" | "wallMs">, deps: GamemasterDeps) {
    this.#host = host;
    this.#deps = deps;
  }

  /** Returns how long the player stays muted, in milliseconds. 0: it may speak. */
  mutedForMs({ standing: { mutedUntilMs } }: Player): number {
    return Math.max(0, (mutedUntilMs ?? 0) - this.#host.wallMs());
  }

  async carryOut(gamemaster: Player, order: Order): Promise<Ordered> {
    const { roleOrders } = this.#deps;
    const problem = problemOf(order, gamemaster.standing.role, roleOrders);
    if (problem?.refusal === "not-allowed") return refused("not-allowed");
    if (problem !== null) return refusedWith("invalid", problem.field);
    const waitMs = this.#rateOf(gamemaster).waitMs(this.#host.clock.nowMs());
    return waitMs > 0 ? refused("too-many", waitMs) : this.#order(gamemaster, order);
  }

  where(of: OfCharacter): Position | null {
    const player = this.#playing(of);
    return player === null ? null : this.#positionOf(player);
  }

  warp(of: OfCharacter, to: Position): boolean {
    const player = this.#playing(of);
    return player !== null && this.#deps.population.warp(player, to);
  }

  announce({ text, from }: Announced, map: string | null): void {
    const event = { type: "announced", text, from } as const;
    for (const player of this.#deps.population.players)
      if (isIn(player, "playing") && (map === null || player.map === map)) player.client?.send(event);
  }

  async #order(gamemaster: Player, order: Order): Promise<Ordered> {
    const { link } = this.#deps;
    const { accountId, charId, charFence, name, map } = gamemaster;
    const by = { accountId, charId, charFence };
    switch (order.order) {
      case "go": {
        const asked = await link.order({ type: "order.go", ...by, position: order.place });
        return asked.ok ? this.#goTo(gamemaster, order.place) : answered(asked);
      }
      case "announce-map":
      case "announce-world":
      case "announce-all": {
        const { text, isSigned = true } = order;
        const announced = { text, from: isSigned ? name : null, order: order.order, map };
        return answered(await link.order({ type: "order.announce", ...by, ...announced }));
      }
      case "kick":
      case "mute":
      case "summon":
      case "go-to": {
        const player = this.#nameOf(gamemaster, order.player);
        return player === null ? refused("no-such-player") : this.#orderAbout(player, gamemaster, order);
      }
    }
  }

  async #orderAbout(player: string, gamemaster: Player, order: OrderAboutPlayer): Promise<Ordered> {
    const { link } = this.#deps;
    const { accountId, charId, charFence } = gamemaster;
    const by = { accountId, charId, charFence };
    switch (order.order) {
      case "kick":
        return answered(await link.order({ type: "order.kick", ...by, player, text: order.text }));
      case "mute":
        return answered(await link.order({ type: "order.mute", ...by, player, minutes: order.minutes }));
      case "summon": {
        const position = this.#positionOf(gamemaster);
        return answered(await link.order({ type: "order.summon", ...by, player, position }));
      }
      case "go-to": {
        const found = await link.order({ type: "order.go-to", ...by, player });
        return found.ok ? this.#goTo(gamemaster, found.value.position) : answered(found);
      }
    }
  }

  #goTo(gamemaster: Player, to: Position): Ordered {
    return this.#deps.population.warp(gamemaster, to) ? accepted({}) : unavailable();
  }

  #nameOf(gamemaster: Player, player: OrderedPlayer): string | null {
    return typeof player === "string" ? player : this.#deps.population.nameInView(gamemaster, player);
  }

  #positionOf(player: Player): Position {
    const { x, y } = this.#deps.population.mapOf(player)?.positionOf(player) ?? player;
    return { map: player.map, x, y };
  }

  #playing(of: OfCharacter): Player | null {
    const player = this.#deps.population.find(of);
    return player !== undefined && isIn(player, "playing") ? player : null;
  }

  #rateOf(player: Player): CommandRate {
    const known = this.#rates.get(player) ?? new CommandRate(ordersPerSecond);
    this.#rates.set(player, known);
    return known;
  }
}

/** A gamemaster that no longer plays here cannot order anything. It learns of that in another way. */
function answered(
  answer: Outcome<
    object,
    "lock-lost" | "no-such-player" | "no-such-map" | "not-allowed" | "unavailable" | "unanswered" | "no-link"
  >,
): Ordered {
  if (answer.ok) return accepted({});
  const { refusal } = answer;
  const isFinal = refusal === "no-such-player" || refusal === "no-such-map" || refusal === "not-allowed";
  return isFinal ? refused(refusal) : unavailable();
}
