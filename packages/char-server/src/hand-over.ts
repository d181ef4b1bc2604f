import type { CharacterStore } from "@sallyport/database";
import {
  accepted,
  type CharId,
  type Fence,
  type LoginTicket,
  type Outcome,
  type OwnedCharacter,
  refused,
} from "@sallyport/domain";
import type { LockTiming, Owner } from "@sallyport/lock-core";
import type { Log } from "@sallyport/server-kit";
import type { CharacterLocks } from "./character-locks.ts";
import type { MapHost, MapHosting } from "./map-hosting.ts";

export interface HandOverDeps {
  readonly locks: CharacterLocks;
  readonly hosting: MapHosting;
  readonly characters: Pick<CharacterStore, "take">;
  readonly world: string;
  readonly timing: LockTiming;
  readonly log: Log;
}

export interface HandOverRequest {
  /** This server, as owner of the lock. */
  readonly owner: Owner;
  readonly ticket: LoginTicket;
  readonly accountFence: Fence;
  readonly trace: string;
  readonly charId: CharId;
  readonly map: string;
  readonly isClientThere: () => boolean;
}

export interface HandedOver {
  readonly charId: CharId;
  readonly map: string;
  readonly host: string;
  readonly port: number;
  readonly wsUrl: string | null;
}

/** Another map-server may have the map by then, or the same one its breath back. */
const mapRetryMs = 1_000;

/**
 * Passes a character from this server to the map-server that hosts its map: the lock first, then the fence with the
 * row, then the message; the client is told only once the map-server has said yes. Each step that fails leaves
 * the lock here, or with nobody.
 */
export class HandOver {
  readonly #deps: HandOverDeps;

  constructor(deps: HandOverDeps) {
    this.#deps = deps;
  }

  /** After `map-unavailable` and `no-such-character` the lock is `choosing` again; after `lock-lost` it is not ours. */
  async run(
    request: HandOverRequest,
  ): Promise<Outcome<HandedOver, "map-unavailable" | "no-such-character" | "lock-lost">> {
    const { locks, hosting, characters, world } = this.#deps;
    const { ticket, accountFence, charId } = request;
    const { accountId, loginId1 } = ticket;
    const host = hosting.hostOf(request.map);
    if (host === undefined) return refused("map-unavailable", mapRetryMs);

    const choice = { type: "choose", owner: request.owner, loginId1, charId, target: ownerOf(host) } as const;
    const chosen = await locks.apply(accountId, choice);
    if (!chosen.ok) return refused("lock-lost");
    const taken = await characters.take({ charId, accountId, accountFence, world });
    if (!taken.ok) return this.#decline(request, host, taken.refusal);

    const { fence, position } = taken.value;
    if (hosting.hostOf(position.map)?.incarnation !== host.incarnation) {
      // Another has the map by now; or the character was saved on another map after it was listed, which it cannot
      // be again: taking it raised its fence.
      const declined = await this.#decline(request, host, "map-unavailable");
      return declined.refusal === "lock-lost" ? declined : this.run({ ...request, map: position.map });
    }
    const expected = await this.#expect(host, request, taken.value);
    if (!expected.ok) {
      if (expected.refusal === "unanswered") this.#forget(host, request, fence);
      const { trace } = request;
      this.#deps.log.warn(
        { trace, accountId, charId, mapServer: host.server, map: position.map, why: expected.refusal },
        "map-server declined",
      );
      return this.#decline(request, host, "map-unavailable");
    }
    const owner = ownerOf(host);
    const acknowledged = await locks.apply(accountId, {
      type: "acknowledge",
      owner,
      loginId1,
      charId,
      charFence: fence,
    });
    if (!acknowledged.ok) {
      // Kicked, chosen twice, or too slow: somebody else has settled what becomes of the lock.
      this.#forget(host, request, fence);
      return refused("lock-lost");
    }
    if (!request.isClientThere()) {
      this.#forget(host, request, fence);
      await locks.apply(accountId, { type: "leave", owner, charId, charFence: fence });
      return refused("lock-lost");
    }
    const { address, server: mapServer } = host;
    const { trace } = request;
    this.#deps.log.info({ trace, accountId, charId, mapServer, map: position.map }, "handed over");
    return accepted({ charId, map: position.map, ...address, wsUrl: address.wsUrl ?? null });
  }

  #expect(host: MapHost, { ticket, accountFence, trace }: HandOverRequest, character: OwnedCharacter) {
    const { charId, name, slot, position, attributes, fence } = character;
    const { handOverMs, charToMapMs } = this.#deps.timing;
    return host.link.ask(
      {
        type: "character.expect",
        ...ticket,
        accountFence,
        charId,
        charFence: fence,
        name,
        slot,
        position,
        attributes: JSON.stringify(attributes),
        waitMs: charToMapMs,
        trace,
      },
      // The lock must still be ours when the answer comes.
      Math.ceil(handOverMs * 0.8),
    );
  }

  #forget(host: MapHost, { ticket, charId }: HandOverRequest, charFence: Fence): void {
    const { accountId } = ticket;
    host.link.notify({ type: "character.forget", accountId, charId, charFence, reason: "lock-lost" });
  }

  async #decline<R extends "map-unavailable" | "no-such-character" | "lock-lost">(
    { ticket, charId }: HandOverRequest,
    host: MapHost,
    refusal: R,
  ) {
    const { accountId, loginId1 } = ticket;
    const decline = { type: "decline", target: ownerOf(host), loginId1, charId } as const;
    const declined = await this.#deps.locks.apply(accountId, decline);
    if (!declined.ok) return refused("lock-lost");
    return refusal === "map-unavailable" ? refused(refusal, mapRetryMs) : refused(refusal);
  }
}

const ownerOf = ({ server, incarnation }: MapHost) => ({ server, incarnation });
