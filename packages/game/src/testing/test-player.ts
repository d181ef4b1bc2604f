import type { JsonObject, Score } from "@sallyport/domain";
import {
  type BuyAnswer,
  type ClickAnswer,
  type CommandAnswer,
  type CommandInput,
  type CommandName,
  type DialogueAnswered,
  type Event,
  type EventName,
  type NameOf,
  packCommand,
  type Shape,
  type TakeAnswer,
} from "@sallyport/game-core";
import type { Player, RunningGame } from "@sallyport/map-server/testing";
import type { ActorId, Cell } from "@sallyport/map-world";
import { actorsOn, findActor } from "./find-actor.ts";
import { answerIn, Seen, type SeenActor, type SeenDialogue } from "./seen.ts";
import type { Entering, Stage } from "./stage.ts";
import { walk } from "./walk.ts";

/** An event of the game that a client got. */
export type EventIn<S extends Shape> = {
  [N in EventName<S["messages"]>]: { readonly name: N; readonly body: Event<S["messages"], N> };
}[EventName<S["messages"]>];

export interface Ware<S extends Shape> {
  readonly item: NameOf<S["items"]>;
  readonly price: number;
}

/** The definition's name of an actor, for the nearest one, or the id of an actor. */
export type Target<S extends Shape> = NameOf<S["actors"]> | ActorId;

/** A player with its client. Each method is one command, and returns what the client is answered. */
export class TestPlayer<S extends Shape> {
  readonly #stage: Stage;
  readonly #player: Player;
  readonly #seen: Seen;
  #leftFor: string | null = null;

  constructor(stage: Stage, entering: Omit<Entering, "heard">) {
    this.#stage = stage;
    this.#seen = new Seen(() => stage.game);
    this.#player = stage.enter({ ...entering, heard: (event) => this.#seen.hear(event) }, (why) => {
      this.#leftFor = why;
    });
  }

  get name(): string {
    return this.#player.name;
  }

  get charId(): ActorId {
    return this.#player.charId;
  }

  get map(): string {
    return this.#player.map;
  }

  get cell(): Cell {
    const { charId } = this.#player;
    return this.#stage.runnerOf(this.map).cellOf(charId) as Cell;
  }

  /** The state of the character. */
  get character(): Readonly<S["character"]> {
    return this.#player.character.state as Readonly<S["character"]>;
  }

  /** The attributes as they are saved. */
  get stored(): JsonObject {
    return this.#player.attributes;
  }

  /** What its own client is shown of the character: the keys in `own` and `shown`. */
  get own(): Partial<S["character"]> {
    return this.#seen.own as Partial<S["character"]>;
  }

  /** All actors in view, also other players. */
  get sees(): readonly SeenActor[] {
    return [...this.#seen.actors.values()];
  }

  /** The events of the game that its client got, oldest first. */
  get events(): readonly EventIn<S>[] {
    return this.#seen.events as readonly EventIn<S>[];
  }

  /** What actors said within its sight, oldest first. */
  get heard(): readonly { readonly name: string; readonly text: string }[] {
    return this.#seen.heard;
  }

  /** The scores that the game submitted for it, oldest first. */
  get scores(): readonly Score[] {
    return this.#stage.scores.filter(({ player }) => player === this.#player).map(({ score }) => score);
  }

  /** Null if its client shows no dialogue. */
  get dialogue(): SeenDialogue | null {
    return this.#seen.dialogue;
  }

  /** The goods that it was offered last on this map. Null if there were none. */
  get shop(): readonly Ware<S>[] | null {
    const { shop } = this.#seen;
    if (shop === null) return null;
    const items = this.#items;
    return shop.goods.map(({ item: id, price }) => {
      const [name = ""] = items.find(([, item]) => item.id === id) ?? [];
      return { item: name as NameOf<S["items"]>, price };
    });
  }

  /** Null while it is on a map. */
  get leftFor(): string | null {
    return this.#leftFor;
  }

  /** Clicks the nearest actor of this name, or the actor with this id. */
  click(target: Target<S>): ClickAnswer["answer"] {
    return this.#ask((game, player) => game.click(player, this.#find(game, target)));
  }

  /** Says something to all who are near. */
  say(text: string): void {
    this.#ask((game, player) => {
      this.#stage.runnerOf(player.map).say(player, { text });
      game.said(player, text);
    });
  }

  /** Picks up the nearest item of this name, or the item with this id. */
  take(target: Target<S>): TakeAnswer["answer"] {
    return this.#ask((game, player) => game.take(player, this.#find(game, target)));
  }

  /** Chooses by a label, or reads on if there is nothing to choose. */
  answer(label?: string): DialogueAnswered["answer"] {
    const { dialogue } = this.#seen;
    if (dialogue === null) throw new Error(`${this.name} is in no dialogue`);
    const answer = answerIn(dialogue, label);
    if (answer.type === "close") return this.closeDialogue();
    return this.#ask((game, player) => game.answer(player, dialogue.actor, answer));
  }

  /** Closes what the player sees of a dialogue. Accepted also without one. */
  closeDialogue(): DialogueAnswered["answer"] {
    const { dialogue } = this.#seen;
    this.#seen.dialogue = null;
    // The server has ended a dialogue whose last page is shown.
    if (dialogue === null || dialogue.waitsFor === "close") return { ok: true };
    return this.#ask((game, player) => game.answer(player, dialogue.actor, { type: "close" }));
  }

  /** Buys from the shop that was offered last. */
  buy(goods: { readonly [I in NameOf<S["items"]>]?: number }): BuyAnswer["answer"] {
    const { shop } = this.#seen;
    if (shop === null) throw new Error(`${this.name} was offered nothing: click an actor with a shop first`);
    const items = new Map(this.#items);
    const orders = Object.entries<number | undefined>(goods).map(([name, amount = 0]) => {
      const item = items.get(name)?.id;
      if (item === undefined)
        throw new Error(`the game has no items.${name}; it has ${[...items.keys()].join(", ")}`);
      return { item, amount };
    });
    return this.#ask((game, player) => game.buy(player, shop.actor, orders));
  }

  /** Sends a command of the game. Throws if the game has no messages. */
  send<N extends CommandName<S["messages"]>>(
    command: N,
    input: CommandInput<S["messages"], N>,
  ): ReturnType<RunningGame["command"]> | CommandAnswer["answer"] {
    const { messages } = this.#stage.game.definition;
    if (messages === undefined) throw new Error("the game has no messages");
    const body = packCommand(messages as S["messages"], command, input);
    return this.#ask((game, player) => game.command(player, command, body));
  }

  /** Walks to a cell, while time passes. Ends early if a warp takes the player away. Throws if there is no way. */
  walkTo(x: number, y: number): void {
    walk(this.#stage, this.#here(), { x, y });
  }

  /** Leaves the world. */
  leave(): void {
    const player = this.#here();
    this.#stage.act(() => this.#stage.leave(player, "left"));
  }

  get #items() {
    return Object.entries(this.#stage.game.definition.items ?? {});
  }

  #here(): Player {
    if (this.#leftFor !== null) throw new Error(`${this.name} is on no map any more: ${this.#leftFor}`);
    return this.#player;
  }

  #ask<A>(ask: (game: RunningGame, player: Player) => A): A {
    const player = this.#here();
    return this.#stage.act(() => ask(this.#stage.gameOn(player.map), player));
  }

  #find(game: RunningGame, target: Target<S>): ActorId {
    const { name: player, map, cell } = this;
    return findActor(actorsOn(game, this.#stage.game), target, { player, map, ...cell }).id;
  }
}
