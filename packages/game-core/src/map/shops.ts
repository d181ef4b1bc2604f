import type { CharId, Ware } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";
import type { AnyShape, Game } from "../definition/game.ts";
import { GameError } from "../schema/validate.ts";
import { actorNamed } from "./actors.ts";
import type { Transaction } from "./transaction.ts";

/** Goods of a shop by the number of the item, with the name of the item in the game. */
export function goodsOf(game: Game, actorName: string): ReadonlyMap<number, Ware & { readonly key: string }> {
  const definition = actorNamed(game, actorName);
  const shop = definition?.kind === "npc" ? (definition.shop ?? []) : [];
  const items: AnyShape["items"] = game.definition.items ?? {};
  return new Map(
    shop.flatMap(({ item: key, price }) => {
      const item = items[key];
      return item === undefined ? [] : [[item.id, { item: item.id, name: item.name, price, key }] as const];
    }),
  );
}

export function offerShop(transaction: Transaction, charId: CharId, actor: ActorId): void {
  const { state, journal } = transaction;
  const { name } = transaction.actor(actor);
  const goods = [...goodsOf(state.game, name).values()].map(({ key: _, ...ware }) => ware);
  if (goods.length === 0) throw new GameError(`openShop: actors.${name} has no \`shop\``);
  journal.put(state.shops, charId, actor);
  transaction.add({ type: "shop.offered", charId, actor, goods });
}
