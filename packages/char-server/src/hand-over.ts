import type { CharacterStore, ListedCharacter, SaveRefusal } from "@sallyport/database";
import {
  type AccountId,
  accepted,
  type CharacterState,
  type CharId,
  Fence,
  LoginId,
  type LoginTicket,
  type Outcome,
  type PublicAddress,
  type Refused,
  refused,
  Unavailable,
} from "@sallyport/domain";
import { type CharacterLock, isSameOwner, type LockTiming, type Owner } from "@sallyport/lock-core";
import { expectMs, type Host, orUnavailable, type ServerRegistry } from "@sallyport/server-kit";
import type { CharacterLocks } from "./character-locks.ts";
import { Crossings } from "./crossings.ts";
import type { MapHost, MapHosting } from "./map-hosting.ts";
import { type Expected, Offers, whyDeclined } from "./offers.ts";

export interface HandOverDeps {
  readonly locks: CharacterLocks;
  readonly hosting: MapHosting;
  /** `gaining` delays the end of a map-server's incarnation as long as a request can still give it a lock. */
  readonly registry: Pick<ServerRegistry, "gaining">;
  readonly characters: Pick<CharacterStore, "take" | "list" | "pass">;
  readonly world: string;
  readonly timing: LockTiming;
}

export interface Choice {
  readonly owner: Owner;
  readonly ticket: LoginTicket;
  readonly accountFence: Fence;
  readonly trace: string;
  readonly charId: CharId;
  /** The character had this fence in the client's list of characters. `map` is from the same list. */
  readonly charFence: Fence;
  readonly map: string;
  readonly isClientThere: () => boolean;
}

export interface HandedOver extends PublicAddress {
  readonly charId: CharId;
  readonly map: string;
}

type Chosen = Outcome<
  HandedOver,
  "map-unavailable" | "no-such-character" | "lock-lost" | "unavailable" | "state-invalid"
>;

export interface Hop {
  readonly owner: Owner;
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly charFence: Fence;
  readonly loginId1: LoginId;
  readonly saveNumber: number;
  /** The character arrives in this state. Its map is the map to which the character hops. */
  readonly state: CharacterState;
}

type Hopped = Outcome<PublicAddress, "map-unavailable" | "unavailable" | SaveRefusal>;

type HoppingLock = Extract<CharacterLock, { state: "hopping" }>;

/**
 * The client can try again after this pause. By then, a different map-server may host the map, or the same
 * map-server may answer again.
 */
const mapRetryMs = 1_000;

/** The character has to be loaded from Postgres within this share of the hand-over timer. */
const takeShare = 0.4;

/**
 * Passes a character on to the map-server that hosts its map, from character select or from another
 * map-server. The lock is changed first, and then the map-server is asked to expect the character. The client
 * is told only after the map-server has accepted. If a step fails, the lock stays with its owner, or becomes
 * free.
 */
export class HandOver {
  readonly #host: Host;
  readonly #deps: HandOverDeps;
  readonly #crossings: Crossings;
  readonly #offers: Offers;
  readonly #underWay = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(host: Host, deps: HandOverDeps) {
    this.#host = host;
    this.#deps = deps;
    this.#offers = new Offers(host, deps.timing);
    const { handOverMs, charToMapMs } = deps.timing;
    this.#crossings = new Crossings(host, handOverMs + charToMapMs);
  }

  /** Call this when a map-server reports that it has the character and its client. */
  arrived(accountId: AccountId): void {
    this.#crossings.end(accountId);
  }

  /**
   * Declines all new hand-overs. Resolves when the hand-overs in progress have ended, within a bounded time.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.allSettled(this.#underWay);
  }

  async #unlessStopping<A>(run: () => Promise<A>): Promise<A | Refused<"map-unavailable">> {
    if (this.#isStopping) return refused("map-unavailable", mapRetryMs);
    const running = run();
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  /**
   * After `lock-lost`, the lock no longer belongs to this client. After any other refusal, the lock is
   * `choosing` again. If this throws, the lock store did not answer. In that case, the next choice finds out
   * the state of the lock, or the lock ends at its deadline.
   */
  choose(choice: Choice) {
    this.#crossings.begin(choice.ticket.accountId, "char-select");
    return this.#unlessStopping(() => this.#choose(choice));
  }

  async #choose(choice: Choice): Promise<Chosen> {
    const { hosting, registry } = this.#deps;
    const host = hosting.hostOf(choice.map);
    if (host === undefined) return refused("map-unavailable", mapRetryMs);
    return registry.gaining(host, this.#chooseAt(host, choice));
  }

  async #chooseAt(host: MapHost, choice: Choice): Promise<Chosen> {
    const { clock, log } = this.#host;
    const { locks, hosting, timing } = this.#deps;
    const { ticket, accountFence, trace, charId } = choice;
    const { accountId, loginId1 } = ticket;
    const target = ownerOf(host);
    const chosen = await locks.apply(accountId, {
      type: "choose",
      owner: choice.owner,
      loginId1,
      charId,
      target,
    });
    if (!chosen.ok) return this.#goOn(choice, host, chosen.lock);
    const answerByMs = clock.nowMs() + expectMs(timing);
    const taken = await orUnavailable(log, () => this.#take(choice, target));
    if (!taken.ok) {
      const { refusal } = taken;
      return refusal === "raised-meanwhile"
        ? this.#listAgain(choice, host)
        : this.#declineChoice(choice, host, refusal);
    }

    const expected = { ...taken.value, ticket, accountFence, trace };
    const { map } = expected.position;
    if (hosting.hostOf(map)?.incarnation !== host.incarnation) {
      // Another map-server hosts the map by now, or the character was saved on another map after it was
      // listed. The second case cannot happen again, because taking the character raised its fence.
      const charFence = expected.fence;
      return this.#chooseAnew(choice, host, { charFence, map });
    }
    const answer = await this.#offers.expect(host, expected, answerByMs - clock.nowMs());
    if (!answer.ok) {
      if (answer.refusal === "unanswered") this.#offers.forget(host, expected);
      return this.#declineChoice(choice, host, whyDeclined(answer));
    }
    const acknowledged = await this.#acknowledge(host, expected);
    if (!acknowledged.ok) {
      // The client was kicked or chose twice, or the hand-over was too slow. In each case, other code has
      // already decided what happens to the lock.
      this.#offers.forget(host, expected);
      return refused("lock-lost");
    }
    if (!choice.isClientThere()) {
      this.#offers.forget(host, expected);
      await locks.apply(accountId, { type: "leave", owner: target, charId, charFence: expected.fence });
      return refused("lock-lost");
    }
    return accepted({ charId, map, ...this.#offers.handedOver(host, expected) });
  }

  /**
   * The caller found that the lock is not `choosing`. A client makes one choice at a time, so the lock may
   * belong to an earlier choice whose outcome the lock store did not report. If the hand-over of that choice
   * is not finished, it is undone, and the client's new choice is made. If a map-server already has this same
   * character, the answer is the address of that map-server.
   */
  async #goOn(choice: Choice, host: MapHost, lock: CharacterLock): Promise<Chosen> {
    const { accountId, loginId1 } = choice.ticket;
    const { charId, charFence, map } = choice;
    if (lock.state === "handing-over" && isSameOwner(lock.owner, choice.owner)) {
      const decline = { type: "decline", target: lock.target, loginId1, charId: lock.charId } as const;
      const { ok } = await this.#deps.locks.apply(accountId, decline);
      return ok ? this.#choose(choice) : refused("lock-lost");
    }
    const isThisOne =
      lock.state === "entering" && lock.loginId1 === loginId1 && isOf(lock, host, { charId, charFence });
    return isThisOne ? accepted({ charId, map, ...host.address }) : refused("lock-lost");
  }

  /**
   * Raises the fence of the character and loads the character, within a share of the hand-over timer, so that
   * enough time remains to ask the map-server. If this gives up, Postgres may still raise the fence later.
   * The next choice notices that the fence has changed.
   */
  #take({ ticket, accountFence, charId, charFence }: Choice, { server: owner }: Owner) {
    const { characters, world, timing } = this.#deps;
    const { accountId } = ticket;
    const withinMs = takeShare * timing.handOverMs;
    return new Promise<Awaited<ReturnType<CharacterStore["take"]>>>((resolve, reject) => {
      const stopWaiting = this.#host.clock.after(withinMs, () =>
        reject(new Unavailable(`no character within ${withinMs} ms`)),
      );
      characters
        .take({ charId, accountId, accountFence, world, charFence, owner })
        .then(resolve, reject)
        .finally(stopWaiting);
    });
  }

  /**
   * The fence has changed since the characters were listed: Postgres carried out a late request of an earlier
   * owner or of an earlier choice. So the characters are listed again.
   */
  async #listAgain(choice: Choice, host: MapHost) {
    const { log } = this.#host;
    const { characters, world } = this.#deps;
    const of = { accountId: choice.ticket.accountId, world };
    const listed = await orUnavailable(log, async () => accepted(await characters.list(of)));
    if (!listed.ok) return this.#declineChoice(choice, host, listed.refusal);
    const character = listed.value.find(({ charId }) => charId === choice.charId);
    if (character === undefined) return this.#declineChoice(choice, host, "no-such-character");
    const { fence: charFence, position } = character;
    return this.#chooseAnew(choice, host, { charFence, map: position.map });
  }

  async #chooseAnew(choice: Choice, host: MapHost, changed: Pick<Choice, "charFence" | "map">) {
    const declined = await this.#declineChoice(choice, host, "map-unavailable");
    return declined.refusal === "lock-lost" ? declined : this.#choose({ ...choice, ...changed });
  }

  /**
   * The last save raises the fence. This save happens after the new map-server has accepted, so a refusal
   * before the save changes nothing. After `map-unavailable` or `state-invalid`, the old map-server has the
   * character as before. After any other refusal, or if this throws, the old map-server may make the player
   * leave, but its saves may be refused.
   */
  hop(hop: Hop) {
    this.#crossings.begin(hop.accountId, "map-server");
    return this.#unlessStopping(() => this.#hop(hop));
  }

  async #hop(hop: Hop): Promise<Hopped> {
    const { hosting, registry } = this.#deps;
    const { state, owner } = hop;
    const host = hosting.hostOf(state.position.map);
    // No map-server hosts the map, or the map-server that asks hosts it and will soon be told so.
    if (host === undefined || host.incarnation === owner.incarnation) {
      return refused("map-unavailable", mapRetryMs);
    }
    return registry.gaining(host, this.#hopTo(host, hop));
  }

  async #hopTo(host: MapHost, hop: Hop): Promise<Hopped> {
    const { log } = this.#host;
    const { characters, world } = this.#deps;
    const { charId, charFence: fence, saveNumber, state, owner } = hop;
    const offered = await orUnavailable(log, () => this.#offer(host, hop));
    if (!offered.ok)
      return offered.refusal === "lock-lost" ? offered : this.#decline(host, hop, whyDeclined(offered));
    const save = { charId, world, fence, owner: owner.server, saveNumber, state };
    const passed = await orUnavailable(log, () => characters.pass(save, host.server));
    if (!passed.ok) return this.#decline(host, hop, passed.refusal);

    const expected = offered.value;
    // The fence is raised, so there is no way back. If the store does not answer, try once more.
    const acknowledge = () => this.#acknowledge(host, expected);
    const { ok, lock } = await acknowledge().catch(acknowledge);
    if (!ok && !isEntering(lock, host, expected)) {
      this.#forgetUnlessMeant(host, hop, lock);
      return refused("lock-lost");
    }
    return accepted(this.#offers.handedOver(host, expected));
  }

  async #offer(
    host: MapHost,
    hop: Hop,
  ): Promise<Outcome<Expected, "map-unavailable" | "lock-lost" | "state-invalid">> {
    const { locks, characters, world } = this.#deps;
    const { owner, accountId, charId, charFence } = hop;
    const summaries = await characters.list({ accountId, world });
    const summary = summaries.find((each) => each.charId === charId);
    if (summary === undefined) return refused("lock-lost");
    const target = ownerOf(host);
    const begun = await locks.apply(accountId, { type: "hop", owner, charId, charFence, target });
    if (!begun.ok) return refused(begun.refusal === "being-restored" ? "map-unavailable" : "lock-lost");
    if (begun.lock.state !== "hopping") return refused("lock-lost");
    const expected = expectedOf(begun.lock, hop, summary);
    const withinMs = expectMs(this.#deps.timing);
    const answer = await this.#offers.expect(host, expected, withinMs);
    return answer.ok ? accepted(expected) : refused(whyDeclined(answer));
  }

  #acknowledge(host: MapHost, { ticket: { accountId, loginId1 }, charId, fence }: Expected) {
    const owner = ownerOf(host);
    return this.#deps.locks.apply(accountId, {
      type: "acknowledge",
      owner,
      loginId1,
      charId,
      charFence: fence,
    });
  }

  async #declineChoice<
    R extends "map-unavailable" | "no-such-character" | "lock-lost" | "unavailable" | "state-invalid",
  >({ ticket, charId }: Choice, host: MapHost, refusal: R) {
    const { accountId, loginId1 } = ticket;
    const decline = { type: "decline", target: ownerOf(host), loginId1, charId } as const;
    const declined = await this.#deps.locks.apply(accountId, decline);
    if (!declined.ok) return refused("lock-lost");
    return refusal === "map-unavailable" || refusal === "unavailable"
      ? refused(refusal, mapRetryMs)
      : refused(refusal);
  }

  /**
   * Undoes a hop that failed. Returns `refusal` if the old map-server has the character as before or may
   * still report it, and `lock-lost` otherwise.
   */
  async #decline<R extends string>(host: MapHost, hop: Hop, refusal: R): Promise<Refused<R | "lock-lost">> {
    const { accountId, charId, charFence, loginId1, owner } = hop;
    const decline = { type: "decline", target: ownerOf(host), loginId1, charId } as const;
    const declined = await this.#deps.locks.apply(accountId, decline);
    const { lock } = declined;
    this.#forgetUnlessMeant(host, hop, lock);
    const isPlaying = lock.state === "playing" && isOf(lock, owner, { charId, charFence });
    // The map-server that has the character has not reported it yet.
    const isUnrestored = !declined.ok && declined.refusal === "being-restored";
    return isPlaying || isUnrestored ? refused(refusal, mapRetryMs) : refused("lock-lost");
  }

  /**
   * Tells the new map-server to forget the character, unless the lock now gives this character to that
   * map-server. The offer of a hop names the next fence before that fence is raised. If the hop fails, the
   * next owner may get the same fence, and may be the same map-server.
   */
  #forgetUnlessMeant(host: MapHost, { accountId, charId, charFence }: Hop, lock: CharacterLock): void {
    const isMeant =
      "charId" in lock &&
      lock.charId === charId &&
      (isSameOwner(lock.owner, host) || ("target" in lock && isSameOwner(lock.target, host)));
    if (!isMeant) this.#offers.forget(host, { ticket: { accountId }, charId, fence: raised(charFence) });
  }
}

interface InHand {
  readonly charId: number;
  readonly charFence: number;
}

const ownerOf = ({ server, incarnation }: MapHost): Owner => ({ server, incarnation });

const isOf = (lock: InHand & { owner: Owner }, owner: Owner, { charId, charFence }: InHand): boolean =>
  isSameOwner(lock.owner, owner) && lock.charId === charId && lock.charFence === charFence;

const expectedOf = (
  lock: HoppingLock,
  { accountId, charFence, state }: Hop,
  summary: ListedCharacter,
): Expected => ({
  ...summary,
  ...state,
  ticket: { accountId, loginId1: LoginId(lock.loginId1), loginId2: LoginId(lock.loginId2), sex: lock.sex },
  accountFence: Fence(lock.accountFence),
  trace: lock.trace ?? "",
  fence: raised(charFence),
});

const isEntering = (lock: CharacterLock, host: MapHost, { charId, fence }: Expected): boolean =>
  lock.state === "entering" && isOf(lock, host, { charId, charFence: fence });

/** No other server should raise the fence during a hop. If one does, the last save is refused. */
const raised = (charFence: Fence): Fence => Fence(charFence + 1);
