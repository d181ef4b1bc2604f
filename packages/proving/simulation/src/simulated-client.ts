import type { CharId, JsonObject } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import {
  type CharacterSelect,
  type Client,
  type Credentials,
  createClient,
  delay,
  type Game,
} from "@sallyport/sdk";
import type { Cluster } from "./cluster.ts";
import type { EventLoop } from "./event-loop.ts";
import type { Fact, Observer } from "./facts.ts";
import type { Network } from "./network.ts";
import type { SimulatedAccount } from "./population.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { WorldName } from "./topology.ts";

export interface ClientProgramOptions {
  readonly name: string;
  readonly account: SimulatedAccount;
  readonly worlds: readonly WorldName[];
  readonly loop: EventLoop;
  readonly random: Random;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly observer: Observer;
  readonly credentials: Credentials;
  readonly hasEdits: boolean;
  readonly hasPasswordChanges: boolean;
  /** Returns the number of steps that the database has for a character now. */
  readonly storedSteps: (charId: CharId) => number;
}

interface Answer {
  readonly ok: boolean;
  readonly refusal?: string;
  readonly retryAfterMs?: number;
}

/**
 * Maximum wait for an answer. Every answer that is not lost arrives before that. So a checker notices a
 * missing answer before the client stops waiting.
 */
const answerMs = 60_000;
/** Without an answer, and while a store does not answer, a server may go on with a change of a password so long. */
const goesOnMs = 40_000;
/** After these answers a change of a password may be stored. */
const inDoubt: ReadonlySet<string> = new Set(["unavailable", "disconnected", "unanswered"]);
const loginAddress = { host: "simulated", port: 0 };

/** Performs the steps that both kinds of client programs need, and reports each answer as a fact. */
export class SimulatedClient {
  readonly process: SimulatedProcess;
  readonly client: Client;
  readonly #options: ClientProgramOptions;
  readonly #worldOf = new WeakMap<CharacterSelect, WorldName>();
  readonly #doubts: Random;
  #stepsSeen = 0;
  #stepsAtLeast = 0;

  constructor(options: ClientProgramOptions) {
    const { cluster, random, name, credentials } = options;
    this.#options = options;
    this.#doubts = random.fork("doubts");
    this.process = cluster.process(name);
    const nonces = random.fork("nonces");
    this.client = createClient({
      connect: cluster.connectFor(this.process, random.fork(this.process.life)),
      login: loginAddress,
      clock: this.process.clock,
      wallMs: () => this.process.clock.nowMs(),
      bounds: { connectMs: 6_000, answerMs },
      credentials,
      drawNonce: () => nonces.bytes(32),
    });
  }

  async register({ name, passwords, sex }: SimulatedAccount) {
    const password = passwords.typed(this.#doubts);
    const registered = this.heard("register", await this.client.register({ name, password, sex }));
    if (registered.ok) this.#see({ type: "client-registered", name });
    return registered;
  }

  async logIn(
    way: "raw" | "hashed",
    { name, passwords }: SimulatedAccount = this.#options.account,
    password = passwords.typed(this.#doubts),
  ) {
    const askedMs = this.#options.loop.nowMs;
    const isPasswordRight = passwords.isSure(password);
    const answer = this.heard("log in", await this.client.logIn({ name, password, way }));
    if (answer.ok) {
      passwords.stored(password);
      this.#see({ type: "client-logged-in", accountId: answer.value.accountId, password, askedMs });
    } else if (answer.refusal === "wrong-name-or-password")
      this.#see({ type: "client-unknown", name, password, isPasswordRight, askedMs });
    return answer;
  }

  /** With `endOthers` the change is also an act on the account, which may go on after the answer. */
  async changePassword({ name, accountId, passwords }: SimulatedAccount, endOthers: boolean) {
    const { loop } = this.#options;
    const askedMs = loop.nowMs;
    const password = passwords.typed(this.#doubts);
    const newPassword = passwords.next();
    const id = `${this.process.life}: ${newPassword}`;
    const ended = (refusal: string): void => this.#see({ type: "operator-ended", id, refusal });
    if (endOthers) this.#see({ type: "operator-began", id, accountId, what: "password-end" });
    const giveUp = loop.after(goesOnMs, () => endOthers && ended("unavailable"));
    const change = { name, password, newPassword, endOthers };
    const answer = this.heard("change password", await this.client.changePassword(change));
    if (answer.ok) {
      passwords.stored(newPassword);
      const of = { accountId, password: newPassword, askedMs, id: endOthers ? id : null };
      this.#see({ type: "client-changed-password", ...of });
      return answer;
    }
    const { refusal } = answer;
    if (refusal === "wrong-name-or-password")
      this.#see({ type: "client-unknown", name, password, isPasswordRight: false, askedMs });
    if (inDoubt.has(refusal)) return answer;
    passwords.refused(newPassword);
    giveUp();
    if (endOthers) ended(refusal);
    return answer;
  }

  async enterWorld(world: WorldName) {
    const askedMs = this.#options.loop.nowMs;
    const entered = this.heard(
      "enter world",
      await this.client.enterWorld(this.#options.cluster.worldAddress(world)),
    );
    const accountId = this.client.ticket?.accountId ?? 0;
    if (entered.ok) {
      const charIds = entered.value.characters.map(({ charId }) => charId);
      this.#worldOf.set(entered.value, world);
      this.#see({ type: "client-listed", accountId, world, charIds, askedMs });
    }
    return entered;
  }

  async create(select: CharacterSelect, wish: { readonly slot: number; readonly name: string }) {
    const accountId = this.client.ticket?.accountId ?? 0;
    const created = this.heard("create", await select.create(wish));
    const world = this.#worldOf.get(select) ?? "";
    if (created.ok) this.#see({ type: "client-created", accountId, world, charId: created.value.charId });
    return created;
  }

  async delete(select: CharacterSelect, charId: CharId) {
    this.#see({ type: "client-wishes-deletion", charId });
    const deleted = this.heard("delete", await select.delete(charId));
    if (deleted.ok) this.#see({ type: "client-deleted", charId });
    return deleted;
  }

  async handOver(select: CharacterSelect, charId: CharId) {
    return this.heard("choose", await select.handOver(charId));
  }

  async enterMap(handedOver: Parameters<Client["enterMap"]>[0]) {
    const entered = this.heard("enter map", await this.client.enterMap(handedOver));
    if (entered.ok) this.watch(entered.value);
    return entered;
  }

  /** Counts the steps of the client's own character that the server reports, and reports what it shows of it. */
  watch(game: Game): void {
    const { charId } = game;
    this.#stepsSeen = 0;
    this.#stepsAtLeast = this.#options.storedSteps(charId);
    game.on((event) => {
      if (event.type === "actor.moved" && event.charId === charId) this.#stepsSeen += 1;
      if (event.type === "character.changed")
        this.#see({ type: "client-shown", charId, state: event.character as JsonObject });
    });
  }

  async save(game: Game) {
    const stepsAtLeast = this.#stepsAtLeast + this.#stepsSeen;
    const saved = this.heard("save", await game.save());
    if (saved.ok) this.#see({ type: "client-saved", charId: game.charId, stepsAtLeast });
    return saved;
  }

  async leave(game: Game, to: "offline" | "char-select") {
    const left = this.heard(`leave ${to}`, await game.leave(to));
    if (left.ok) {
      const stepsAtLeast = this.#stepsAtLeast + this.#stepsSeen;
      this.#see({ type: "client-left", charId: game.charId, stepsAtLeast });
    }
    return left;
  }

  heard<A extends Answer>(command: string, answer: A): A {
    const refusal = answer.ok ? null : (answer.refusal ?? "refused");
    this.#see({ type: "client-answered", life: this.process.life, command, refusal });
    return answer;
  }

  #see(fact: Fact): void {
    const { observer, loop } = this.#options;
    observer.see(fact, loop.nowMs);
  }

  pause(ms: number): Promise<void> {
    return delay(this.process.clock, ms);
  }
}
