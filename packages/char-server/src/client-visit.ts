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
 * One client at character select. From the moment that it may choose, the character lock of its account is this
 * server's, and whatever ends the visit gives it back: leaving, being kicked, or passing it on to a map-server.
 */

/** Rules that hold at every character select of the world. */
export interface WorldRules {
  readonly slotCount: number;
  /** What characters may be called. */
  readonly names: CharacterNames;
  /** How long a deletion has to be reserved before it may happen, in seconds. */
  readonly deletionS: number;
  /** Where new characters begin. */
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
  /** This process, as owner of locks. */
  readonly self: Owner;
}

const onlineRetryMs = 500;
/** By then the login-server may be linked again. */
const linkRetryMs = 1_000;

/** Somebody has to correct a setting. */
const spawnRetryMs = 10_000;

/** What the client may do now. `done`: it was sent on, or sent away. */
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
  /** Those that the client was told of, and not that they are gone. */
  readonly #told = new Set<CharId>();
  /** What was asked of the database may have happened, or still happen: it is listed again before it is asked more. */
  #isListDoubtful = false;
  /** A choice arrived and was not refused. */
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
      // Sent together with the first, before there was anything to choose from.
      if (this.#held !== null && this.#phase === "done") this.#refuseSecondChoice(this.#held);
      return this.#whileChoosing((held) => this.#choose(held, charId));
    },
  };

  /** Seen as it arrives: a second choice must not wait behind the first. */
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
    // While handing over, whoever does it sees that the client is gone and takes everything back.
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
    // Before any lock is taken: if Postgres is away, the ids stay good.
    this.#characters = await characters.list({ accountId, world });
    const hold = await login.hold(ticket);
    if (!hold.ok) return hold;
    const { accountFence, trace } = hold.value;
    this.#client.follow(trace);
    const open = { type: "open", owner, accountFence, loginId1, loginId2, sex, trace } as const;
    const isThere = (): boolean => this.#client.isConnected;
    const opened = await locks.openAfter(accountId, open, isThere);
    if (opened === null) return refused("unavailable", locks.untilKnownMs);
    if (!opened.ok) return this.#refuseEntry(ticket, accountFence, opened);
    const held = { ticket, accountFence, trace, owner, attendant: { ...attendant, open } };
    this.#held = held;
    this.#phase = "choosing";
    // Gone meanwhile; or the account lock is.
    if (!this.#client.isConnected || login.heldIds(accountId) !== loginId1) {
      this.#phase = "done";
      await this.#abandon(held);
      return refused("unavailable", linkRetryMs);
    }
    attendance.add(accountId, held.attendant);
    // Read again: the owner before may have saved since. If that fails, it is read before the next command.
    this.#isListDoubtful = true;
    await orUnavailable(this.#client.log, async () => {
      await this.#listIfDoubtful(held);
      return accepted({});
    });
    for (const { charId } of this.#characters) this.#told.add(charId);
    this.#client.log.info({ accountId, ...introducedAs(this.#client) }, "at character select");
    return accepted({ characters: this.#characters, slotCount: rules.slotCount });
  }

  /** The lock exists. Whoever has it is asked to go when it is on a map, or was opened by an older login. */
  async #refuseEntry(
    { accountId, loginId1 }: LoginTicket,
    accountFence: Fence,
    { refusal, lock }: { readonly refusal: CharacterRefusal; readonly lock: CharacterLock },
  ): Promise<AnswerTo<CharDoor, "char.enter">> {
    const { locks, login } = this.#deps;
    const isOurs = lock.state !== "free" && lock.loginId1 === loginId1;
    const isOlder = lock.state !== "free" && lock.accountFence < accountFence;
    const hasRunOut = isOurs && refusal === "too-late";
    // Another login's leaving releases only its own ids.
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
    // Made by an earlier command, whose answer was that nobody knows.
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
      // Gone by an earlier command, whose answer was that nobody knows.
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

  /** Whatever was asked may have happened, or happen yet, and have raised fences. */
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

  /** A store that does not answer leaves the lock to its deadline. */
  #background(work: Promise<unknown>): void {
    void orUnavailable(this.#client.log, () => work);
  }
}
