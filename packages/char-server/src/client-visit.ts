import type { CharacterNames, CharacterStore, ListedCharacter } from "@sallyport/database";
import {
  type AnswerTo,
  accepted,
  type CharDoor,
  type CharId,
  type CommandOf,
  type Fence,
  type KickReason,
  LoginId,
  type LoginTicket,
  type Position,
  plainLooks,
  refused,
} from "@sallyport/domain";
import type { CharacterLock, CharacterRefusal, Owner } from "@sallyport/lock-core";
import {
  type Client,
  doorFor,
  type Host,
  introducedAs,
  orUnavailable,
  unavailable,
  type Visit,
} from "@sallyport/server-kit";
import type { Attendance, Attendant } from "./attendance.ts";
import type { CharacterLocks } from "./character-locks.ts";
import { decideDeletion } from "./deletion.ts";
import type { HandOver } from "./hand-over.ts";
import type { LoginLink } from "./login-link.ts";
import type { SpawnMap } from "./spawn-map.ts";

/*
 * One client at character select. From the moment when the client may choose, this server owns the character
 * lock of the account. When the visit ends, the lock is freed, or it passes to a map-server together with the
 * character.
 */

export interface WorldRules {
  readonly slotCount: number;
  readonly names: CharacterNames;
  readonly deletionS: number;
  readonly spawn: Position;
}

export interface ClientVisitDeps {
  readonly locks: CharacterLocks;
  readonly login: Pick<LoginLink, "hold" | "release" | "heldIds">;
  readonly handOver: HandOver;
  readonly characters: CharacterStore;
  readonly attendance: Attendance;
  readonly world: string;
  readonly rules: WorldRules;
  readonly spawnMap: Pick<SpawnMap, "isMissing">;
  readonly self: Owner;
}

const onlineRetryMs = 500;
/** The pause before the client tries again. The login-server may be linked again by then. */
const linkRetryMs = 1_000;

/** This pause is long, because somebody has to correct a setting first. */
const spawnRetryMs = 10_000;

/** The state of the visit. `done`: the client was sent to a map-server, or was disconnected. */
type Phase = "new" | "entering" | "choosing" | "handing-over" | "done";

interface Held {
  readonly ticket: LoginTicket;
  readonly accountFence: Fence;
  readonly trace: string;
  readonly owner: Owner;
  readonly attendant: Attendant;
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
  #phase: Phase = "new";
  #held: Held | null = null;
  #characters: readonly ListedCharacter[] = [];
  /**
   * The characters that the client was told of. A character is removed once the client was told that it is
   * deleted.
   */
  readonly #told = new Set<CharId>();
  /**
   * True: `#characters` may be out of date, for example because a request to Postgres had an unknown outcome.
   * The list is then read again before the next request.
   */
  #isListDoubtful = false;
  /** True: a choice has arrived, and it was not refused. */
  #hasChosen = false;

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
      // The client sent two choices before it was at character select, so `arrived` did not notice the second
      // choice.
      if (this.#held !== null && this.#phase === "done") this.#refuseSecondChoice(this.#held);
      return this.#whileChoosing((held) => this.#choose(held, charId));
    },
  };

  /**
   * Called as soon as a command arrives, because a second choice must not wait until the first one is
   * answered.
   */
  arrived(command: { readonly type: string }): void {
    if (command.type !== "char.choose" || this.#held === null) return;
    if (this.#hasChosen) this.#refuseSecondChoice(this.#held);
    this.#hasChosen = true;
  }

  isOver(): boolean {
    return this.#phase === "done";
  }

  gone(): void {
    const held = this.#held;
    if (held === null) return;
    this.#deps.attendance.remove(held.ticket.accountId, held.attendant);
    // While handing over, the phase stays as it is: the hand-over itself notices that the client is gone, and
    // undoes everything.
    if (this.#phase === "choosing") this.#background(this.#abandon(held));
    if (this.#phase !== "handing-over") this.#phase = "done";
  }

  async #enter(ticket: LoginTicket): Promise<AnswerTo<CharDoor, "char.enter">> {
    if (this.#phase !== "new") return refused("out-of-order");
    this.#phase = "entering";
    const attendant: Attendant = {
      loginId1: ticket.loginId1,
      open: null,
      kick: (reason) => this.#kick(reason),
    };
    const stopEntering = this.#deps.attendance.enters(ticket.accountId, attendant);
    try {
      return await this.#takeLocks(ticket, this.#deps.self, attendant);
    } finally {
      stopEntering();
      if (this.#phase === "entering") this.#phase = "new";
    }
  }

  async #takeLocks(
    ticket: LoginTicket,
    owner: Owner,
    attendant: Attendant,
  ): Promise<AnswerTo<CharDoor, "char.enter">> {
    const { login, locks, characters, attendance, world, rules } = this.#deps;
    const { accountId, loginId1, loginId2, sex } = ticket;
    this.#isListDoubtful = login.heldIds(accountId) !== undefined;
    // List the characters before any lock is taken. If Postgres does not answer, the client can come again
    // with the same ids.
    this.#characters = await characters.list({ accountId, world });
    const hold = await login.hold(ticket);
    if (!hold.ok) return hold;
    const { accountFence, trace } = hold.value;
    this.#client.follow(trace);
    const open = { type: "open", owner, accountFence, loginId1, loginId2, sex, trace } as const;
    // Called only while an earlier login leaves the world.
    const isThere = (): boolean => {
      this.#isListDoubtful = true;
      return this.#client.isConnected;
    };
    const opened = await locks.openAfter(accountId, open, isThere);
    if (opened === null) return refused("unavailable", locks.untilKnownMs);
    if (!opened.ok) return this.#refuseEntry(ticket, accountFence, opened);
    const held = { ticket, accountFence, trace, owner, attendant: { ...attendant, open } };
    this.#held = held;
    this.#phase = "choosing";
    // The client left meanwhile, or its account lock was lost.
    if (!this.#client.isConnected || login.heldIds(accountId) !== loginId1) {
      this.#phase = "done";
      await this.#abandon(held);
      return refused("unavailable", linkRetryMs);
    }
    attendance.add(accountId, held.attendant);
    // Read the list again if an earlier owner may have saved since, or if an earlier client of this login may
    // have changed it. If this read fails, the list is read before the next command.
    this.#isListDoubtful ||= opened.before.state !== "free";
    await orUnavailable(this.#client.log, () => this.#listIfDoubtful(held));
    for (const { charId } of this.#characters) this.#told.add(charId);
    this.#client.log.info({ accountId, ...introducedAs(this.#client) }, "at character select");
    return accepted({ characters: this.#characters, slotCount: rules.slotCount });
  }

  /**
   * Refuses a client whose character lock is not free. The holder of the lock is evicted if its login is
   * older than this one, or if this same login already plays on a map.
   */
  async #refuseEntry(
    { accountId, loginId1 }: LoginTicket,
    accountFence: Fence,
    { refusal, lock }: { readonly refusal: CharacterRefusal; readonly lock: CharacterLock },
  ): Promise<AnswerTo<CharDoor, "char.enter">> {
    const { locks, login } = this.#deps;
    const isOurs = lock.state !== "free" && lock.loginId1 === loginId1;
    const isOlder = lock.state !== "free" && lock.accountFence < accountFence;
    const hasRunOut = isOurs && refusal === "too-late";
    // When the other login leaves, it releases only its own ids. So this login's ids are released here.
    if (!isOurs || hasRunOut) await login.release(accountId, loginId1);
    if (lock.state !== "free" && (isOlder || (isOurs && refusal === "on-a-map"))) {
      await locks.evict(accountId, LoginId(lock.loginId1), "logged-in-elsewhere");
    }
    return hasRunOut ? refused("not-logged-in") : refused("already-online", onlineRetryMs);
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

  #refuseSecondChoice({ ticket }: Held): void {
    this.#kick("second-choice");
    this.#background(this.#deps.locks.evict(ticket.accountId, ticket.loginId1, "second-choice"));
  }

  async #choose(held: Held, charId: CharId): Promise<AnswerTo<CharDoor, "char.choose">> {
    await this.#listIfDoubtful(held);
    const character = this.#characters.find((each) => each.charId === charId);
    if (character === undefined) {
      this.#hasChosen = false;
      return refused("no-such-character");
    }
    this.#phase = "handing-over";
    this.#hasChosen = true;
    const { ticket, accountFence, trace, owner } = held;
    const handed = await this.#deps.handOver.choose({
      owner,
      ticket,
      accountFence,
      trace,
      charId,
      charFence: character.fence,
      map: character.position.map,
      isClientThere: () => this.#client.isConnected,
    });
    if (handed.ok) {
      this.#phase = "done";
      this.#deps.attendance.remove(ticket.accountId, held.attendant);
      const { charId, map, ...address } = handed.value;
      return accepted({ charId, map, ...doorFor(address, this.#client.remote) });
    }
    switch (handed.refusal) {
      case "lock-lost":
        return this.#lost(held);
      case "map-unavailable":
      case "no-such-character":
      case "unavailable":
        this.#chooseAgain(held);
        return refused(handed.refusal, handed.retryAfterMs);
    }
  }

  async #whileChoosing<A>(
    run: (held: Held) => Promise<A>,
  ): Promise<A | ReturnType<typeof refused<"out-of-order">>> {
    const held = this.#held;
    if (this.#phase !== "choosing" || held === null) return refused("out-of-order");
    return run(held).catch((error) => {
      this.#chooseAgain(held);
      throw error;
    });
  }

  /**
   * Lets the client choose again. Postgres may still carry out the failed request and raise fences, so the
   * list is read again before the next request.
   */
  #chooseAgain(held: Held): void {
    this.#isListDoubtful = true;
    this.#hasChosen = false;
    if (this.#phase === "handing-over") this.#phase = "choosing";
    if (!this.#client.isConnected) this.#background(this.#abandon(held));
  }

  #lost(held: Held): ReturnType<typeof unavailable> {
    this.#kick("lock-lost");
    this.#background(this.#abandon(held));
    return unavailable();
  }

  #kick(reason: KickReason): void {
    if (this.#client.isConnected) this.#client.log.info({ reason }, "kicked");
    this.#client.send({ type: "client.kicked", reason });
    this.#phase = this.#phase === "handing-over" ? "handing-over" : "done";
    this.#client.disconnect(`kicked: ${reason}`);
  }

  async #abandon({ ticket, owner }: Held): Promise<void> {
    await this.#deps.locks.apply(ticket.accountId, { type: "abandon", owner, loginId1: ticket.loginId1 });
  }

  /**
   * Does the work without waiting for it. If the store does not answer, the lock is freed at its deadline.
   */
  #background(work: Promise<unknown>): void {
    void orUnavailable(this.#client.log, () => work);
  }
}
