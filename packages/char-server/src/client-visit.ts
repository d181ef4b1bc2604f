import type { CharacterNames, CharacterStore, ListedCharacter, Trail } from "@sallyport/database";
import {
  type AnswerTo,
  accepted,
  type CharDoor,
  type CharId,
  type CommandOf,
  Fence,
  type Kick,
  type LoginTicket,
  type Position,
  plainLooks,
  refused,
} from "@sallyport/domain";
import type { Owner } from "@sallyport/lock-core";
import {
  type Client,
  doorFor,
  type Host,
  introducedAs,
  originOf,
  orUnavailable,
  type RoleOrders,
  unavailable,
  type Visit,
} from "@sallyport/server-kit";
import type { AccountOwners, Stay } from "./account-owners.ts";
import { decideDeletion } from "./deletion.ts";
import type { HandOver } from "./hand-over.ts";
import type { SpawnMap } from "./spawn-map.ts";

/*
 * This is one client at the char door. `AccountOwners` knows whether the client is allowed to choose. As soon
 * as the client is allowed to choose, this server owns the character lock of the account. When the visit
 * ends, the lock is freed, or it passes to a map-server together with the character.
 */

export interface WorldRules {
  readonly slotCount: number;
  readonly names: CharacterNames;
  readonly deletionS: number;
  readonly spawn: Position;
  /** An account without a character gets one when it enters. Absent: it gets none. */
  readonly hasDefaultCharacter?: boolean;
  /** What gamemasters may order. Absent: as the setting is by default. */
  readonly roleOrders?: RoleOrders;
}

export interface ClientVisitDeps {
  readonly accounts: Pick<AccountOwners, "come" | "isAtSelect" | "isHere" | "tell">;
  readonly handOver: HandOver;
  readonly characters: CharacterStore;
  readonly world: string;
  readonly rules: WorldRules;
  readonly spawnMap: Pick<SpawnMap, "isMissing">;
  readonly self: Owner;
  readonly trail: Trail;
}

/** This pause is long, because somebody has to correct a setting first. */
const spawnRetryMs = 10_000;

interface Held {
  readonly ticket: LoginTicket;
  readonly accountFence: Fence;
  readonly trace: string;
  readonly stay: Stay;
}

type VisitHost = Pick<Host, "wallMs">;

export function visitCharServer(
  host: VisitHost,
  client: Client<CharDoor>,
  deps: ClientVisitDeps,
): Visit<CharDoor> {
  return new CharVisit(host, client, deps);
}

class CharVisit implements Visit<CharDoor> {
  readonly #host: VisitHost;
  readonly #client: Client<CharDoor>;
  readonly #deps: ClientVisitDeps;
  /** The client has shown login ids, and was not refused. */
  #stay: Stay | null = null;
  /** The client was admitted with these locks. */
  #held: Held | null = null;
  #characters: readonly ListedCharacter[] = [];
  /**
   * The client knows these characters. A character is removed when the client learns that the character is
   * deleted.
   */
  readonly #told = new Set<CharId>();
  /**
   * True: `#characters` may be out of date, for example because a request to Postgres had an unknown outcome.
   * Then the list is read again before the next request.
   */
  #isListDoubtful = false;

  constructor(host: VisitHost, client: Client<CharDoor>, deps: ClientVisitDeps) {
    this.#host = host;
    this.#client = client;
    this.#deps = deps;
  }

  readonly handlers: Visit<CharDoor>["handlers"] = {
    "char.enter": ({ accountId, loginId1, loginId2, sex }) =>
      this.#enter({ accountId, loginId1, loginId2, sex }),
    "char.create": (command) => this.#whileChoosing((held) => this.#create(held, command)),
    "char.delete": (command) => this.#whileChoosing((held) => this.#wishDeletion(held, command)),
    "char.choose": ({ charId }) => {
      const stay = this.#stay;
      // The client sent two choices before it was at character select, so `arrived` did not notice the second
      // choice.
      if (stay !== null && !this.#isChoosing(stay)) this.#deps.accounts.tell(stay, "hand-over");
      return this.#whileChoosing((held) => this.#choose(held, charId));
    },
  };

  /**
   * The door calls this as soon as a command arrives, because a second choice must not wait for the answer to
   * the first choice.
   */
  arrived(command: { readonly type: string }): void {
    if (command.type === "char.choose" && this.#stay !== null) this.#deps.accounts.tell(this.#stay, "choice");
  }

  /** True: the client was sent to a map-server, or was kicked. */
  isOver(): boolean {
    return this.#stay !== null && !this.#deps.accounts.isAtSelect(this.#stay);
  }

  gone(): void {
    if (this.#stay !== null) this.#deps.accounts.tell(this.#stay, "gone");
  }

  async #enter(ticket: LoginTicket): Promise<AnswerTo<CharDoor, "char.enter">> {
    const { accounts, characters, world, rules, trail } = this.#deps;
    const { accountId } = ticket;
    if (this.#stay !== null) return refused("out-of-order");
    this.#isListDoubtful = accounts.isHere(accountId);
    // List the characters before any lock is taken. If Postgres does not answer, the client can come again
    // with the same ids.
    this.#characters = await characters.list({ accountId, world });
    if (!this.#client.isConnected) return unavailable();
    const client = this.#client;
    const stay = accounts.come(ticket, {
      get isConnected() {
        return client.isConnected;
      },
      follow: (trace) => client.follow(trace),
      outdate: () => {
        this.#isListDoubtful = true;
      },
      kick: (kick) => this.#kick(kick),
    });
    this.#stay = stay;
    const entered = await stay.entered;
    if (!entered.ok) {
      this.#stay = null;
      return entered;
    }
    const { accountFence, trace } = entered.value;
    const held = { ticket, accountFence: Fence(accountFence), trace, stay };
    this.#held = held;
    // Read the list again in two cases. 1: an earlier owner may have saved since the first read. 2: an
    // earlier client of this login may have changed the list. If this read fails, the list is read before the
    // next command.
    await orUnavailable(client.log, () => this.#listIfDoubtful(held));
    if (rules.hasDefaultCharacter === true && this.#characters.length === 0 && !this.#isListDoubtful) {
      const made = await orUnavailable(client.log, () => this.#createDefault(held));
      if (!made.ok && made.refusal === "lock-lost") return this.#lost(held);
    }
    for (const { charId } of this.#characters) this.#told.add(charId);
    client.log.info({ accountId, ...introducedAs(client) }, "at character select");
    trail.note({ what: "enter-world", accountId, origin: originOf(client), detail: { world } });
    return accepted({ characters: this.#characters, slotCount: rules.slotCount });
  }

  /** The account's own name may break the rule for characters, or belong to another one. Then there is none. */
  async #createDefault({ ticket: { accountId }, accountFence }: Held) {
    const { characters, world, rules, spawnMap } = this.#deps;
    const named = rules.names.read((await characters.nameOfAccount(accountId)) ?? "");
    if (named === null || spawnMap.isMissing) return accepted({});
    const place = { world, slot: 0, looks: plainLooks, position: rules.spawn };
    // If the outcome stays unknown, the list is read before the next command.
    this.#isListDoubtful = true;
    const made = await characters.create({ accountId, accountFence, ...named, ...place });
    this.#isListDoubtful = !made.ok && made.refusal === "slot-taken";
    if (made.ok) this.#characters = [made.value];
    return made;
  }

  async #create(
    held: Held,
    { slot, name: typed, looks = plainLooks }: CommandOf<CharDoor, "char.create">,
  ): Promise<AnswerTo<CharDoor, "char.create">> {
    const { characters, world, rules, spawnMap } = this.#deps;
    const { slotCount, spawn, names } = rules;
    const named = names.read(typed);
    if (named === null) return refused("name-invalid");
    const { name } = named;
    if (slot >= slotCount) return refused("slot-invalid");
    if (spawnMap.isMissing) return refused("map-unavailable", spawnRetryMs);
    const { accountFence } = held;
    const { accountId } = held.ticket;
    await this.#listIfDoubtful(held);
    const unknown = this.#characters.find((each) => each.slot === slot && !this.#told.has(each.charId));
    // An earlier command made this character, but the client was told that the outcome is unknown.
    if (unknown?.name === name) {
      this.#told.add(unknown.charId);
      return accepted(unknown);
    }
    const character = { accountId, accountFence, world, slot, ...named, looks, position: spawn };
    const made = await characters.create(character);
    if (made.ok) {
      this.#characters = [...this.#characters, made.value];
      this.#told.add(made.value.charId);
    } else if (made.refusal === "lock-lost") return this.#lost(held);
    return made as AnswerTo<CharDoor, "char.create">;
  }

  async #wishDeletion(
    held: Held,
    { charId, step }: CommandOf<CharDoor, "char.delete">,
  ): Promise<AnswerTo<CharDoor, "char.delete">> {
    const { characters, world, rules } = this.#deps;
    await this.#listIfDoubtful(held);
    const listed = this.#characters.find((each) => each.charId === charId);
    const mayBeGone = listed === undefined && (step === undefined || step === "carry-out");
    if (listed === undefined) return mayBeGone ? this.#delete(held, charId) : refused("no-such-character");
    const nowS = this.#host.wallMs() / 1_000;
    const { deleteAfterS } = listed;
    const act = decideDeletion({ step, deleteAfterS, nowS, delayS: rules.deletionS });
    if (act.deletes) return this.#delete(held, charId);
    if (act.reserved !== undefined) {
      const { accountFence, ticket } = held;
      const of = { charId, accountId: ticket.accountId, accountFence, world };
      const kept = await characters.reserveDeletion({ ...of, deleteAfterS: act.reserved });
      if (!kept.ok && kept.refusal === "lock-lost") return this.#lost(held);
      this.#isListDoubtful = true;
      if (!kept.ok) return refused("no-such-character");
    }
    if (act.answer !== "not-yet") return accepted(act.answer ?? {});
    return refused("not-yet", act.waitS === undefined ? undefined : Math.ceil(act.waitS * 1_000));
  }

  async #delete(held: Held, charId: CharId): Promise<AnswerTo<CharDoor, "char.delete">> {
    const { characters, world } = this.#deps;
    const { accountFence } = held;
    const { accountId } = held.ticket;
    for (;;) {
      await this.#listIfDoubtful(held);
      const listed = this.#characters.find((each) => each.charId === charId);
      // An earlier command deleted this character, but the client was told that the outcome is unknown.
      if (listed === undefined && this.#told.delete(charId)) return accepted({});
      if (listed === undefined) return refused("no-such-character");
      const charFence = listed.fence;
      const deleted = await characters.delete({ charId, accountId, accountFence, world, charFence });
      if (!deleted.ok && deleted.refusal === "lock-lost") return this.#lost(held);
      this.#isListDoubtful = !deleted.ok;
      if (!deleted.ok) continue;
      this.#characters = this.#characters.filter((each) => each.charId !== charId);
      this.#told.delete(charId);
      return accepted({});
    }
  }

  async #listIfDoubtful({ ticket: { accountId } }: Held): Promise<void> {
    if (!this.#isListDoubtful) return;
    const { characters, world } = this.#deps;
    this.#characters = await characters.list({ accountId, world });
    this.#isListDoubtful = false;
  }

  async #choose(held: Held, charId: CharId): Promise<AnswerTo<CharDoor, "char.choose">> {
    const { accounts, handOver, self, trail } = this.#deps;
    const { ticket, accountFence, trace, stay } = held;
    await this.#listIfDoubtful(held);
    const character = this.#characters.find((each) => each.charId === charId);
    if (character === undefined) {
      accounts.tell(stay, "declined");
      return refused("no-such-character");
    }
    accounts.tell(stay, "hand-over");
    if (!accounts.isAtSelect(stay, "handed-over")) return unavailable();
    const handed = await handOver.choose({
      owner: self,
      ticket,
      accountFence,
      trace,
      charId,
      charFence: character.fence,
      map: character.position.map,
      isClientThere: () => this.#client.isConnected,
    });
    if (handed.ok) {
      accounts.tell(stay, "handed-over");
      const { charId, map, ...address } = handed.value;
      trail.note({ what: "play", accountId: ticket.accountId, charId, detail: { map } });
      return accepted({ charId, map, ...doorFor(address, this.#client.remote) });
    }
    switch (handed.refusal) {
      case "lock-lost":
        return this.#lost(held);
      case "map-unavailable":
      case "no-such-character":
      case "unavailable":
      case "state-invalid":
        this.#chooseAgain(held);
        return refused(handed.refusal, handed.retryAfterMs);
    }
  }

  #isChoosing(stay: Stay): boolean {
    return this.#deps.accounts.isAtSelect(stay, "choosing");
  }

  async #whileChoosing<A>(
    run: (held: Held) => Promise<A>,
  ): Promise<A | ReturnType<typeof refused<"out-of-order">>> {
    const held = this.#held;
    if (held === null || !this.#isChoosing(held.stay)) return refused("out-of-order");
    return run(held).catch((error) => {
      this.#chooseAgain(held);
      throw error;
    });
  }

  /**
   * Lets the client choose again. Postgres may still carry out the failed request and raise fences, so the
   * list is read again before the next request.
   */
  #chooseAgain({ stay }: Held): void {
    this.#isListDoubtful = true;
    this.#deps.accounts.tell(stay, "declined");
  }

  #lost({ stay }: Held): ReturnType<typeof unavailable> {
    this.#deps.accounts.tell(stay, "disowned");
    return unavailable();
  }

  #kick(kick: Kick): void {
    const { reason } = kick;
    if (this.#client.isConnected) this.#client.log.info({ reason }, "kicked");
    this.#client.send({ type: "client.kicked", ...kick });
    this.#client.disconnect(`kicked: ${reason}`);
  }
}
