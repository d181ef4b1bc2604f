import type { Outcome } from "@sallyport/domain";
import {
  type CharacterSelect,
  type Client,
  type Clock,
  type CommandAnswer,
  type ConnectionEnd,
  type DoorAddress,
  explainedBy,
  type Game,
  type Refusal,
} from "@sallyport/sdk";
import type { Key } from "./keys.ts";
import type { Line, Size } from "./paint.ts";
import { type Command, type Happening, initialState, type Standing, type State } from "./state.ts";
import { tickMs, update } from "./update.ts";
import { view } from "./view.ts";

export interface ShellOptions {
  readonly client: Client;
  readonly server: DoorAddress;
  readonly name: string;
  /** Returns the reason for the newest failure to reach a server. */
  readonly whyUnreachable?: () => string | null;
  readonly changed: () => void;
}

type CommandAt<Type extends Command["type"]> = Extract<Command, { readonly type: Type }>;

/** Carries out commands, and reports their results as happenings. */
export class Shell {
  /** Resolves when the player has left, or has quit without waiting for the save. */
  readonly finished: Promise<void>;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #whyUnreachable: () => string | null;
  readonly #stopTicking: () => void;
  #finish: () => void = () => {};
  #state: State;
  #world: DoorAddress;
  #select: CharacterSelect | null = null;
  #game: Game | null = null;
  #isStopped = false;

  constructor({ client, server, name, changed, whyUnreachable = () => null }: ShellOptions) {
    this.#client = client;
    this.#clock = client.clock;
    this.#changed = changed;
    this.#whyUnreachable = whyUnreachable;
    this.#world = server;
    this.#state = initialState(server, name);
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#stopTicking = this.#clock.every(tickMs, () => this.#tell({ type: "tick" }));
  }

  get state(): State {
    return this.#state;
  }

  press(key: Key): void {
    this.#tell({ type: "key", key });
  }

  view(size: Size): Line[] {
    return view(this.#state, size, this.#clock.nowMs());
  }

  /** Closes all open connections at once. */
  stop(): void {
    this.#isStopped = true;
    this.#stopTicking();
    this.#select?.destroy();
    this.#game?.destroy();
    this.#finish();
  }

  #tell(happening: Happening): void {
    if (this.#isStopped) return;
    const { state, commands } = update(this.#state, happening, this.#clock.nowMs());
    this.#state = state;
    this.#changed();
    for (const command of commands) void this.#perform(command);
  }

  async #perform(command: Command): Promise<void> {
    const done = await this.#do(command);
    if (done === null) return;
    this.#tell(done);
    // The SDK keeps events until somebody listens. Listen only now, when there is a map screen.
    if (done.type === "entered") this.#listen();
  }

  /** Returns the result. Null if a connection ended: `#ended` reports that. */
  async #do(command: Command): Promise<Happening | null> {
    switch (command.type) {
      case "register": {
        const { name, email, invitation, password, sex } = command;
        const account = { name, password, sex, ...(email && { email }), ...(invitation && { invitation }) };
        const registered = await this.#client.register(account);
        return this.#result(command, registered, () => ({
          ...{ type: "registered", name: name || email, password },
        }));
      }
      case "ask-reset": {
        const asked = await this.#client.askPasswordReset(command.email);
        const news = "If an account has this address, a letter with a code is on its way.";
        return this.#result(command, asked, () => ({ type: "mailed", news, next: "reset" }));
      }
      case "reset": {
        const reset = await this.#client.resetPassword({ ...command, endOthers: true });
        const news = "The new password is set.";
        return this.#result(command, reset, () => ({ type: "mailed", news, next: "log-in" }));
      }
      case "confirm": {
        const confirmed = await this.#client.confirmEmail(command.code);
        const news = "The address is confirmed.";
        return this.#result(command, confirmed, () => ({ type: "mailed", news, next: "log-in" }));
      }
      case "log-in": {
        const loggedIn = await this.#client.logIn(command);
        return this.#result(command, loggedIn, ({ worlds }) => ({ type: "logged-in", worlds }));
      }
      case "enter-world":
        return this.#enterWorld(command);
      case "create":
      case "delete":
      case "choose":
      case "log-out":
        return this.#select === null ? null : this.#atSelect(command, this.#select);
      case "walk":
      case "report":
      case "enter-room":
      case "say":
      case "click":
      case "take":
      case "answer":
      case "buy":
      case "send":
      case "order":
      case "back":
        return this.#game === null ? null : this.#atMap(command, this.#game);
      case "quit":
        return this.#quit(command);
      case "abandon":
        this.stop();
        return null;
    }
  }

  async #enterWorld(command: CommandAt<"enter-world">): Promise<Happening | null> {
    this.#world = command.world;
    const entered = await this.#client.enterWorld(command.world);
    return this.#result(command, entered, (select) => {
      this.#select = select;
      if (this.#isStopped) select.destroy();
      void select.closed.then((end) => this.#ended(select, end));
      return { type: "selecting", characters: select.characters, slotCount: select.slotCount };
    });
  }

  async #atSelect(
    command: CommandAt<"create" | "delete" | "choose" | "log-out">,
    select: CharacterSelect,
  ): Promise<Happening | null> {
    const list = (news: string): Happening => ({ type: "characters", characters: select.characters, news });
    switch (command.type) {
      case "create":
        return this.#resultAt(command, await select.create(command), () => list(`${command.name} is made.`));
      case "delete":
        return this.#resultAt(command, await select.delete(command.charId), () => list("Deleted."));
      case "choose":
        return this.#choose(command, select);
      case "log-out":
        this.#select = null;
        select.leave();
        return { type: "logged-out" };
    }
  }

  async #choose(command: CommandAt<"choose">, select: CharacterSelect): Promise<Happening | null> {
    const handedOver = await select.handOver(command.charId);
    if (!handedOver.ok) return this.#resultAt(command, handedOver, () => ({ type: "logged-out" }));
    // The connection to the char-server is closed now. If the map-server refuses the character, the client
    // enters the world again.
    this.#select = null;
    const game = await this.#client.enterMap(handedOver.value);
    return this.#result({ type: "enter-world", world: this.#world }, game, (entered) => {
      this.#game = entered;
      if (this.#isStopped) entered.destroy();
      void entered.closed.then((end) => this.#ended(entered, end));
      return { type: "entered", place: entered.place };
    });
  }

  #listen(): void {
    const game = this.#game;
    game?.on((event) => {
      if (game === this.#game) this.#tell({ type: "game-event", event });
    });
  }

  async #atMap(
    command: CommandAt<
      | "walk"
      | "report"
      | "enter-room"
      | "say"
      | "click"
      | "take"
      | "answer"
      | "buy"
      | "send"
      | "order"
      | "back"
    >,
    game: Game,
  ): Promise<Happening | null> {
    const done = (): Happening => ({ type: "done", command });
    switch (command.type) {
      case "walk": {
        const walked = await game.walk(command.x, command.y);
        return this.#resultAt(command, walked, ({ steps }) => ({ type: "walked", steps }));
      }
      case "report": {
        const reported = await game.report(command.x, command.y);
        return this.#resultAt(command, reported, () => ({ ...command, type: "reported" }));
      }
      case "enter-room": {
        const entered = await game.enterRoom(command.map);
        const rooms = entered.ok ? undefined : entered.detail;
        if (command.map === "" && !entered.ok && entered.refusal === "no-such-room")
          return { type: "rooms", names: rooms ?? null };
        return this.#resultAt(command, entered, done, rooms === undefined ? null : `open rooms: ${rooms}`);
      }
      case "say":
        return this.#resultAt(command, await game.say(command.text), done);
      case "click":
        return this.#resultAt(command, await game.click(command.actor), done);
      case "take":
        return this.#resultAt(command, await game.take(command.actor), done);
      case "answer":
        return this.#resultAt(command, await game.answer(command.actor, command.answer), done);
      case "buy": {
        const goods = [{ item: command.item, amount: 1 }];
        return this.#resultAt(command, await game.buy(command.actor, goods), done);
      }
      case "order": {
        const ordered = await game.order(command.order);
        return this.#resultAt(command, ordered, done, ordered.ok ? null : (ordered.detail ?? null));
      }
      case "send": {
        const sent = await game.send(command.name, command.input);
        return this.#resultAt(command, sent, done, wordsOf(sent));
      }
      case "back": {
        const left = await game.leave("char-select");
        if (!left.ok) return this.#resultAt(command, left, () => ({ type: "logged-out" }));
        this.#game = null;
        return this.#enterWorld({ type: "enter-world", world: this.#world });
      }
    }
  }

  async #quit(command: Command): Promise<Happening | null> {
    const game = this.#game;
    if (game?.isOpen) {
      const left = await game.leave();
      if (!left.ok && game.isOpen) return this.#result(command, left, () => ({ type: "logged-out" }));
    }
    this.#game = null;
    this.#select?.leave();
    this.#select = null;
    this.stop();
    return null;
  }

  #result<Value>(
    command: Command,
    outcome: Outcome<Value, Refusal>,
    accepted: (value: Value) => Happening,
    words: string | null = null,
  ): Happening {
    if (outcome.ok) return accepted(outcome.value);
    const { refusal, retryAfterMs } = outcome;
    const why = refusal === "unreachable" ? this.#whyUnreachable() : words;
    const explained = explainedBy(outcome, this.#client.wallMs());
    const refused = { type: "refused", command, refusal, why, explained, standing: this.#standing } as const;
    return retryAfterMs === undefined ? refused : { ...refused, retryAfterMs };
  }

  /** The result of a request on an open connection. Null if the connection ended: `#ended` reports that. */
  #resultAt<Value>(
    command: Command,
    outcome: Outcome<Value, Refusal>,
    accepted: (value: Value) => Happening,
    words: string | null = null,
  ): Happening | null {
    if (!outcome.ok && outcome.refusal === "disconnected") return null;
    return this.#result(command, outcome, accepted, words);
  }

  get #standing(): Standing {
    if (this.#game !== null) return "map";
    return this.#select === null ? "outside" : "select";
  }

  #ended(what: CharacterSelect | Game, { reason, untilMs, text }: ConnectionEnd): void {
    if (reason === "left" || (what !== this.#select && what !== this.#game)) return;
    this.#select = null;
    this.#game = null;
    this.#tell({ type: "ended", reason, explained: { untilMs, text } });
  }
}

/** What the game says of a refused command: its word, or the field that does not fit. */
function wordsOf(answer: CommandAnswer): string | null {
  if (answer.ok) return null;
  if (answer.refusal === "refused") return answer.word;
  return answer.refusal === "invalid" ? answer.problem : null;
}
