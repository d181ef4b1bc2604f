import type { Outcome } from "@sallyport/domain";
import {
  type CharacterSelect,
  type Client,
  type Clock,
  type ConnectionEnd,
  type DoorAddress,
  explainedBy,
  type Game,
  type HandedOver,
  type NameAndPassword,
  type Refusal,
  retrying,
  type World,
} from "@sallyport/sdk";
import type { MapCommand } from "./map-screen.ts";
import { afterEnd, passing } from "./returning.ts";
import {
  type Command,
  type Deed,
  type Happening,
  type Initial,
  initialState,
  type MailNews,
  type State,
} from "./state.ts";
import { isTimed, update } from "./update.ts";

export interface ShellOptions {
  readonly client: Client;
  readonly initial: Initial;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  /** Called after each change of the state. */
  readonly changed: (state: State) => void;
  /** Keeps what the next visit begins with. None of it is secret. */
  readonly remember: (remembered: Pick<State, "language" | "accountName">) => void;
  /** Called when the player logs out. */
  readonly forget: () => void;
}

type CommandAt<Type extends Command["type"]> = Extract<Command, { readonly type: Type }>;

/** Short enough for a countdown in seconds, and for a player that glides. */
const tickMs = 100;
/** Bounds for a request that the server asks to repeat, for example while another login leaves the account. */
const patience = { attemptsMax: 8, waitMsMax: 10_000 };

/** Carries out commands with the SDK, and reports their results as happenings. */
export class Shell {
  readonly #options: ShellOptions;
  readonly #clock: Clock;
  #state: State;
  /** For `return`. Kept in memory only, and only while the player is logged in. */
  #account: NameAndPassword | null = null;
  #world: DoorAddress | null = null;
  #select: CharacterSelect | null = null;
  #game: Game | null = null;
  /** Rises when the player gives up. An attempt to come back that began before then has no effect. */
  #way = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#clock = options.client.clock;
    this.#state = initialState(options.initial);
    this.#clock.every(tickMs, () => {
      if (isTimed(this.#state)) this.#tell({ type: "tick" });
    });
  }

  get state(): State {
    return this.#state;
  }

  readonly do = (deed: Deed): void => this.#tell(deed);

  #tell(happening: Happening): void {
    const moment = { nowMs: this.#clock.nowMs(), random: this.#options.random() };
    const { state, commands } = update(this.#state, happening, moment);
    const isChanged = state !== this.#state;
    this.#state = state;
    if (isChanged) this.#options.changed(state);
    for (const command of commands) void this.#perform(command);
  }

  async #perform(command: Command): Promise<void> {
    const done = await this.#carryOut(command);
    if (done === null) return;
    this.#tell(done);
    // The SDK keeps events until somebody listens. Listen only now, when there is a map screen.
    if (done.type === "entered") this.#listen();
  }

  /** Returns the result. Null if there is none, or if a connection ended: `#ended` reports that. */
  async #carryOut(command: Command): Promise<Happening | null> {
    const { client } = this.#options;
    switch (command.type) {
      case "register": {
        const { name, email, password, sex, invitation } = command;
        const account = { name, password, sex, ...(email && { email }), ...(invitation && { invitation }) };
        return this.#result(command, await this.#patiently(() => client.register(account)), () => ({
          type: "registered",
          name,
          password,
        }));
      }
      case "ask-reset":
        return this.#result(command, await client.askPasswordReset(command.email), mailed("letter-sent"));
      case "reset": {
        const change = { ...command, endOthers: true };
        const reset = await this.#patiently(() => client.resetPassword(change));
        return this.#result(command, reset, mailed("password-set"));
      }
      case "confirm":
        return this.#result(command, await client.confirmEmail(command.code), mailed("email-confirmed"));
      case "log-in":
        return this.#result(command, await this.#patiently(() => client.logIn(command)), ({ worlds }) => {
          this.#account = { name: command.name, password: command.password };
          return { type: "logged-in", worlds };
        });
      case "enter-world":
        return this.#result(command, await this.#patiently(() => this.#enterWorld(command.world)), selecting);
      case "create":
      case "delete":
      case "choose":
      case "log-out":
        return this.#select === null ? null : this.#atSelect(command, this.#select);
      case "walk":
      case "report":
      case "say":
      case "click":
      case "take":
      case "answer":
      case "buy":
      case "send":
        return this.#game === null ? null : this.#atMap(command, this.#game);
      case "back":
        return this.#game === null ? null : this.#back(command, this.#game);
      case "return":
        return this.#return(command);
      case "forget":
        this.#forget();
        return null;
      case "remember":
        this.#options.remember(command);
        return null;
    }
  }

  async #enterWorld(world: DoorAddress): Promise<Outcome<CharacterSelect, Refusal>> {
    this.#world = world;
    const entered = await this.#options.client.enterWorld(world);
    if (entered.ok) {
      const select = entered.value;
      this.#select = select;
      void select.closed.then((end) => this.#ended(select, end));
    }
    return entered;
  }

  async #atSelect(
    command: CommandAt<"create" | "delete" | "choose" | "log-out">,
    select: CharacterSelect,
  ): Promise<Happening | null> {
    switch (command.type) {
      case "create": {
        const { name } = command;
        const list = (): Happening => ({
          type: "characters",
          characters: select.characters,
          news: "created",
          name,
        });
        return this.#resultAt(command, await this.#patiently(() => select.create(command)), list);
      }
      case "delete": {
        const { name = "" } = select.characters.find(({ charId }) => charId === command.charId) ?? {};
        const list = (): Happening => ({
          type: "characters",
          characters: select.characters,
          news: "deleted",
          name,
        });
        return this.#resultAt(command, await this.#patiently(() => select.delete(command.charId)), list);
      }
      case "choose": {
        const handedOver = await this.#patiently(() => select.handOver(command.charId));
        if (!handedOver.ok) return this.#resultAt(command, handedOver, nothing);
        return this.#result(command, await this.#enterMap(handedOver.value), entered);
      }
      case "log-out":
        this.#forget();
        return { type: "logged-out" };
    }
  }

  /** The connection to the char-server is closed already. */
  async #enterMap(handedOver: HandedOver): Promise<Outcome<Game, Refusal>> {
    this.#select = null;
    const chosen = await this.#options.client.enterMap(handedOver);
    if (chosen.ok) {
      const game = chosen.value;
      this.#game = game;
      void game.closed.then((end) => this.#ended(game, end));
    }
    return chosen;
  }

  #listen(): void {
    const game = this.#game;
    game?.on((event) => {
      if (game === this.#game) this.#tell({ type: "game-event", event });
    });
  }

  async #atMap(command: MapCommand, game: Game): Promise<Happening | null> {
    switch (command.type) {
      case "walk": {
        const walked = await game.walk(command.x, command.y);
        return this.#resultAt(command, walked, ({ steps }) => ({ type: "walked", steps }));
      }
      case "report": {
        const reported = await game.report(command.x, command.y);
        return this.#resultAt(command, reported, () => ({ type: "reported", command }));
      }
      case "say":
        return this.#resultAt(command, await game.say(command.text), accepted);
      case "click":
        return this.#resultAt(command, await game.click(command.actor), accepted);
      case "take":
        return this.#resultAt(command, await game.take(command.actor), accepted);
      case "answer":
        return this.#resultAt(command, await game.answer(command.actor, command.answer), accepted);
      case "buy": {
        const bought = await game.buy(command.actor, command.goods);
        return this.#resultAt(command, bought, () => ({ type: "bought", command }));
      }
      case "send":
        return this.#resultAt(command, await game.send(command.name, command.input), accepted);
    }
  }

  async #back(command: CommandAt<"back">, game: Game): Promise<Happening | null> {
    const left = await this.#patiently(() => game.leave("char-select"));
    const world = this.#world;
    if (!left.ok || world === null) return this.#resultAt(command, left, nothing);
    this.#game = null;
    return this.#result(command, await this.#patiently(() => this.#enterWorld(world)), selecting);
  }

  /** Goes the whole way again: to the login-server, the same world, and the same character. */
  async #return(command: CommandAt<"return">): Promise<Happening | null> {
    const way = this.#way;
    const account = this.#account;
    if (account === null) return this.#result(command, { ok: false, refusal: "not-logged-in" }, entered);
    const loggedIn = await this.#options.client.logIn(account);
    if (!loggedIn.ok || way !== this.#way) return this.#returned(way, command, loggedIn, nothing);
    const world = this.#sameWorld(loggedIn.value.worlds);
    if (world === undefined) return this.#returned(way, command, { ok: false, refusal: "no-world" }, entered);
    const selected = await this.#enterWorld(world);
    if (!selected.ok || command.charId === null) return this.#returned(way, command, selected, selecting);
    const handedOver = await selected.value.handOver(command.charId);
    if (!handedOver.ok) {
      this.#drop();
      return this.#returned(way, command, handedOver, nothing);
    }
    return this.#returned(way, command, await this.#enterMap(handedOver.value), entered);
  }

  #returned<Value>(
    way: number,
    command: Command,
    outcome: Outcome<Value, Refusal>,
    ifAccepted: (value: Value) => Happening,
  ): Happening | null {
    if (way === this.#way) return this.#result(command, outcome, ifAccepted);
    this.#drop();
    return null;
  }

  #sameWorld(worlds: readonly World[]): World | undefined {
    const before = this.#world;
    return worlds.find(({ host, port }) => host === before?.host && port === before.port) ?? worlds[0];
  }

  #forget(): void {
    this.#way += 1;
    this.#account = null;
    this.#options.forget();
    this.#drop();
  }

  /** Leaves whatever is open. */
  #drop(): void {
    const [select, game] = [this.#select, this.#game];
    this.#select = null;
    this.#game = null;
    select?.leave();
    game?.destroy();
  }

  #patiently<Value, Code extends Refusal>(
    ask: () => Promise<Outcome<Value, Code>>,
  ): Promise<Outcome<Value, Code>> {
    const again = ({ refusal }: { readonly refusal: Code }): boolean => passing.has(refusal);
    return retrying(ask, { ...patience, clock: this.#clock, again });
  }

  #result<Value>(
    command: Command,
    outcome: Outcome<Value, Refusal>,
    ifAccepted: (value: Value) => Happening,
  ): Happening {
    if (outcome.ok) return ifAccepted(outcome.value);
    const { ok: _, ...refused } = outcome;
    const isOutside = this.#select === null && this.#game === null;
    const explained = explainedBy(outcome, this.#options.client.wallMs());
    return { type: "refused", command, isOutside, explained, ...refused };
  }

  /** The result of a request on an open connection. Null if the connection ended: `#ended` reports that. */
  #resultAt<Value>(
    command: Command,
    outcome: Outcome<Value, Refusal>,
    ifAccepted: (value: Value) => Happening,
  ): Happening | null {
    const isLost = !outcome.ok && outcome.refusal === "disconnected";
    return isLost ? null : this.#result(command, outcome, ifAccepted);
  }

  #ended(what: CharacterSelect | Game, { reason, untilMs, text }: ConnectionEnd): void {
    if (reason === "left" || (what !== this.#select && what !== this.#game)) return;
    this.#select = null;
    this.#game = null;
    // While the page comes back, the command that does so reports the end. But a takeover ends the way back.
    if (this.#state.returning === null || afterEnd[reason] === "by-hand")
      this.#tell({ type: "ended", reason, explained: { untilMs, text } });
  }
}

const selecting = ({ characters, slotCount }: CharacterSelect): Happening => ({
  type: "selecting",
  characters,
  slotCount,
});
const mailed = (news: MailNews) => (): Happening => ({ type: "mailed", news });
const accepted = (): Happening => ({ type: "accepted" });
const nothing = (): Happening => ({ type: "logged-out" });
const entered = ({ place }: Game): Happening => ({ type: "entered", place });
