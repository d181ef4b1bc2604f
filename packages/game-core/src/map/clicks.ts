import type { CharId, DialogueAnswer, Purchase } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";
import type { PurchaseRefusal } from "../definition/definition.ts";
import { isPromise } from "../schema/validate.ts";
import { type AnyActor, actorNamed, isInReach, remove } from "./actors.ts";
import {
  type BuyAnswer,
  type ClickAnswer,
  type DialogueAnswered,
  done,
  failed,
  no,
  type TakeAnswer,
} from "./answers.ts";
import { showPage } from "./dialogues.ts";
import { endDialogue } from "./end-dialogue.ts";
import type { Dialogue, MapState } from "./map-state.ts";
import { Recorder } from "./recorder.ts";
import { runHandler } from "./run-handler.ts";
import { goodsOf, offerShop } from "./shops.ts";
import type { At } from "./view.ts";

/** A player and the actor that it clicks, takes, talks to or buys from. */
export interface Pair {
  readonly charId: CharId;
  readonly actor: ActorId;
}

interface Found {
  readonly name: string;
  readonly definition: AnyActor;
}

function find(state: MapState, at: At, { charId, actor }: Pair): Found | "no-such-actor" | "too-far" {
  const entry = state.actors.get(actor);
  const definition = entry && actorNamed(state.game, entry.name);
  if (entry === undefined || definition === undefined || !state.players.has(charId)) return "no-such-actor";
  return isInReach(state, at.view, charId, actor) ? { name: entry.name, definition } : "too-far";
}

/** Runs `clicked` of the actor. Then a dialogue begins, or else the shop opens. */
export function click(state: MapState, at: At, pair: Pair): ClickAnswer {
  const found = find(state, at, pair);
  if (typeof found === "string") return no(found);
  const { name, definition } = found;
  if (definition.kind === "item") return done();
  const path = `actors.${name}`;
  const clicked = runHandler(state, at, `${path}.clicked`, (transaction) =>
    definition.clicked?.(new Recorder(transaction, pair)),
  );
  if (clicked.type === "failed") return failed(clicked.effects);
  const effects = clicked.type === "done" ? clicked.effects : [];
  // The handler may have removed the actor.
  if (definition.kind !== "npc" || !state.actors.has(pair.actor)) return done(effects);
  const { dialogue, shop } = definition;
  if (dialogue === undefined && shop === undefined) return done(effects);
  const what = dialogue === undefined ? "shop" : "dialogue.start";
  const ran = runHandler(state, at, `${path}.${what}`, (transaction) => {
    const other = state.dialogues.get(pair.charId);
    if (other !== undefined && other.actor !== pair.actor) endDialogue(transaction, pair.charId);
    if (dialogue !== undefined) showPage(new Recorder(transaction, pair), dialogue, "start");
    else offerShop(transaction, pair.charId, pair.actor);
  });
  if (ran.type === "refused") return done(effects);
  return ran.type === "failed" ? failed([...effects, ...ran.effects]) : done([...effects, ...ran.effects]);
}

export function continueDialogue(
  state: MapState,
  at: At,
  pair: Pair,
  answer: DialogueAnswer,
): DialogueAnswered {
  const dialogue = state.dialogues.get(pair.charId);
  if (dialogue?.actor !== pair.actor) return no("no-dialogue");
  const found = find(state, at, pair);
  const next = typeof found === "string" ? null : nextPage(dialogue.awaits, answer);
  if (next === undefined) return done();
  const name = typeof found === "string" ? "" : found.name;
  const pages = typeof found !== "string" && found.definition.kind === "npc" ? found.definition.dialogue : {};
  const ran = runHandler(state, at, `actors.${name}.dialogue.${next ?? "end"}`, (transaction) =>
    showPage(new Recorder(transaction, pair), pages ?? {}, next),
  );
  if (ran.type === "done") return done(ran.effects);
  // A dialogue whose next page cannot be shown would wait for an answer forever.
  const ended = runHandler(state, at, "dialogue", (transaction) => endDialogue(transaction, pair.charId));
  const ends = ended.type === "done" ? ended.effects : [];
  return ran.type === "failed" ? failed([...ran.effects, ...ends]) : done(ends);
}

/** The name of the page, null for the end, or undefined if the dialogue does not wait for this answer. */
function nextPage(awaits: Dialogue["awaits"], answer: DialogueAnswer): string | null | undefined {
  if (answer.type === "close") return null;
  if (answer.type === "next") return awaits.type === "next" ? awaits.then : undefined;
  return awaits.type === "choice" ? awaits.pages[answer.index] : undefined;
}

export function take(state: MapState, at: At, pair: Pair): TakeAnswer {
  const found = find(state, at, pair);
  if (typeof found === "string") return no(found);
  const { name, definition } = found;
  if (definition.kind !== "item") return no("no-such-actor");
  const ran = runHandler(state, at, `actors.${name}.taken`, (transaction) => {
    const returned: unknown = definition.taken(new Recorder(transaction, pair));
    remove(transaction, pair.actor);
    return returned;
  });
  if (ran.type === "refused") return no("no-room");
  return ran.type === "failed" ? failed(ran.effects) : done(ran.effects);
}

/** Runs `bought` for each of the goods. If one is refused, none is bought. */
export function buy(state: MapState, at: At, pair: Pair, orders: readonly Purchase[]): BuyAnswer {
  const found = find(state, at, pair);
  if (typeof found === "string" || state.shops.get(pair.charId) !== pair.actor) return no("no-shop");
  const goods = goodsOf(state.game, found.name);
  const isOnOffer = ({ item, amount }: Purchase): boolean =>
    goods.has(item) && Number.isInteger(amount) && amount > 0;
  if (!orders.every(isOnOffer)) return no("no-shop");
  const ran = runHandler(state, at, "bought", (transaction) => {
    const it = new Recorder(transaction, pair);
    for (const { item, amount } of orders) {
      const ware = goods.get(item) as { readonly key: string; readonly price: number };
      const purchase = { item: ware.key, amount, price: ware.price * amount };
      const returned: unknown = state.game.definition.bought?.(it, purchase);
      if (isPromise(returned)) return returned;
    }
    return undefined;
  });
  if (ran.type === "refused") return no(ran.word as PurchaseRefusal);
  return ran.type === "failed" ? failed(ran.effects) : done(ran.effects);
}
