import { type DialogueAnswer, firstActorId, type Purchase } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import type { Game } from "@sallyport/sdk";
import type { SimulatedClient } from "./simulated-client.ts";

interface Answer {
  readonly ok: boolean;
  readonly refusal?: string;
}

/** A bag holds 8 pieces. A new character can pay 8 pieces of bread. */
const amounts = [1, 1, 2, 5, 8, 9];

/** The game has only the first of these commands, and not the last of these items. */
const commands = ["bag.use", "bag.use", "bag.use", "bag.burn"];
const useful = ["bread", "bread", "rope", "lantern", "anvil"];

/** What a client does with the actors of a map, and its saves. The answers come in the order in which it asked. */
export class Dealings {
  readonly #self: SimulatedClient;
  readonly #game: Game;
  readonly #random: Random;
  /** The dialogue that the client sees, and what it can answer. */
  #talk: { readonly actor: number; readonly answers: readonly DialogueAnswer[] } | null = null;
  /** What a client asks while it leaves is answered after that, so it walks no more. */
  #isLeaving = false;
  #offer: { readonly actor: number; readonly items: readonly number[] } | null = null;

  constructor(self: SimulatedClient, game: Game, random: Random) {
    this.#self = self;
    this.#game = game;
    this.#random = random;
    game.on((event) => {
      const { type } = event;
      if (type === "shop.offered")
        this.#offer = { actor: event.actor, items: event.goods.map(({ item }) => item) };
      if (type === "dialogue.ended") this.#talk = null;
      if (type === "dialogue.paused") this.#talk = { actor: event.actor, answers: [{ type: "next" }] };
      if (type === "dialogue.asked") {
        const answers = event.choices.map((_, index) => ({ type: "choice", index }) as const);
        this.#talk = { actor: event.actor, answers };
      }
    });
  }

  /** Sometimes does something. Does not wait for the answer. */
  sometimes(chance: number): void {
    if (this.#random.chance(chance)) void this.#deal();
  }

  /** Sometimes goes about on this map for a while, and deals with actors. */
  async errand(isOver: () => boolean): Promise<void> {
    const random = this.#random;
    if (!random.chance(0.4)) return;
    for (let deals = 3 + random.below(12); deals > 0 && this.#game.isOpen && !isOver(); deals -= 1) {
      if (this.#isLeaving) return;
      const target = this.#someActor(["npc", "item"]);
      const actor = this.#game.actors.get(target as never);
      if (actor !== undefined && random.chance(0.5)) {
        this.#self.heard("walk", await this.#game.walk(actor.x, actor.y));
        await this.#self.pause(random.between(0, 300));
      }
      await this.#deal();
      await this.#self.pause(random.between(0, 60));
    }
  }

  async leave(to: "offline" | "char-select"): ReturnType<SimulatedClient["leave"]> {
    this.#isLeaving = true;
    const leaving = this.#self.leave(this.#game, to);
    // A server that lets the client go must refuse what it asks now.
    this.sometimes(0.3);
    return leaving;
  }

  async #deal(): Promise<void> {
    const [answer, buy] = [this.#talk === null ? 1 : 8, this.#offer === null ? 1 : 4];
    const deeds = { click: 5, take: 5, answer, buy, use: 3, report: 1, save: 2 };
    const deed = this.#random.weighted(deeds);
    if (deed === "save") await this.#self.save(this.#game);
    else this.#self.heard(deed, await this.#ask(deed));
  }

  #ask(deed: "click" | "take" | "answer" | "buy" | "use" | "report"): Promise<Answer> {
    const random = this.#random;
    const game = this.#game;
    switch (deed) {
      case "click":
        return game.click(this.#someActor(["npc", "monster"]));
      case "take":
        return game.take(this.#someActor(["item"]));
      case "answer": {
        const { actor, answers } = this.#talk ?? { actor: this.#someActor(["npc"]), answers: [] };
        this.#talk = null;
        const close = { type: "close" } as const;
        return game.answer(actor, random.chance(0.1) ? close : random.pick([close, ...answers].slice(-2)));
      }
      case "buy": {
        const { actor, items } = this.#offer ?? { actor: this.#someActor(["npc"]), items: [] };
        const some = (): Purchase => ({
          item: random.pick([...items, ...items, 1]),
          amount: random.pick(amounts),
        });
        return game.buy(actor, random.chance(0.8) ? [some()] : [some(), some()]);
      }
      case "use":
        return game.send(random.pick(commands), { item: random.pick(useful) });
      case "report":
        return game.report(1 + random.below(8), 1 + random.below(8));
    }
  }

  /** An actor of one of these kinds, if the client sees one. It can be gone, or far away. */
  #someActor(kinds: readonly string[]): number {
    const ids = [...this.#game.actors].flatMap(([id, { kind }]) =>
      kinds.includes(kind) ? [Number(id)] : [],
    );
    return ids.length === 0 || this.#random.chance(0.1)
      ? firstActorId + this.#random.below(40)
      : this.#random.pick(ids);
  }
}
