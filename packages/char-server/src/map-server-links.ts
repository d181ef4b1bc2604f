import {
  charToMap,
  mapToChar,
  type Presence,
  parseAttributes,
  parseScore,
} from "@sallyport/cluster-protocol";
import type { CharacterStore, NumberedState, SaveRefusal } from "@sallyport/database";
import {
  type AccountId,
  accepted,
  type CharacterState,
  type CharId,
  type Fence,
  refused,
} from "@sallyport/domain";
import type { LockTiming, Owner } from "@sallyport/lock-core";
import { nullIfUnreadable } from "@sallyport/lock-store";
import {
  type AdmittedServer,
  AnsweringLinks,
  type Host,
  hopMs,
  type LinkBounds,
  orUnavailable,
  type ServerRegistry,
} from "@sallyport/server-kit";
import type { AccountOwners } from "./account-owners.ts";
import type { CharacterLocks } from "./character-locks.ts";
import type { HandOver } from "./hand-over.ts";
import type { MapHosting } from "./map-hosting.ts";
import type { PlayerOrders } from "./player-orders.ts";
import type { SaveQueue } from "./save-queue.ts";
import type { WorldStates } from "./world-states.ts";

export interface MapServerLinksDeps {
  readonly passwordOf: (username: string) => string | null;
  readonly registry: ServerRegistry;
  readonly bounds: LinkBounds;
  readonly timing: Pick<LockTiming, "handOverMs" | "leaseMs">;
  readonly locks: CharacterLocks;
  readonly hosting: MapHosting;
  /** Resolves when the assignment of the earlier process is loaded, or when the wait for it has timed out. */
  readonly restored: Promise<unknown>;
  readonly saves: SaveQueue;
  readonly characters: Pick<CharacterStore, "submitScore">;
  readonly worldStates: WorldStates;
  /** Called when a map-server has announced itself. */
  readonly announced: (incarnation: string) => void;
  readonly playerOrders: Pick<PlayerOrders, "answersTo">;
  readonly handOver: Pick<HandOver, "hop" | "arrived">;
  /** This char-server process. It owns the character lock again when a player returns to character select. */
  readonly self: Owner;
  /**
   * Tells whether the account of a login is still held here. If it is not, no map-server is allowed to
   * reclaim the login's character.
   */
  readonly accounts: Pick<AccountOwners, "mayHold" | "claim">;
  readonly world: string;
  readonly mapServerPresent?: ((presence: Presence) => void) | undefined;
}

interface OfCharacter {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly charFence: Fence;
}

export function createMapServerLinks(
  host: Host,
  deps: MapServerLinksDeps,
): AnsweringLinks<typeof charToMap, typeof mapToChar> {
  const { log, metrics } = host;
  const { locks, hosting, saves, timing } = deps;

  /** The owner is the map-server that sent the message, and is never taken from the message itself. */
  async function save({ server: owner }: AdmittedServer, of: NumberedState): Promise<SaveRefusal | null> {
    const refusal = await saves.save({ ...of, world: deps.world, owner }).catch((error) => {
      metrics.count("saves", { answer: "unavailable" });
      throw error;
    });
    metrics.count("saves", { answer: refusal ?? "ok" });
    return refusal;
  }

  async function leave(
    admittedServer: AdmittedServer,
    { accountId, charId, charFence }: OfCharacter,
    to: "char-select" | "offline",
  ): Promise<void> {
    const owner = deps.self;
    if (to === "char-select") {
      const back = { type: "return", from: admittedServer, charId, charFence, owner } as const;
      const returned = await locks.apply(accountId, back);
      if (returned.ok) return;
    }
    // If the character could not return to character select, free its lock instead. This does nothing if the
    // map-server no longer holds the lock.
    await locks.apply(accountId, { type: "leave", owner: admittedServer, charId, charFence });
  }

  return new AnsweringLinks<typeof charToMap, typeof mapToChar>(host, {
    of: "map-server",
    passwordOf: deps.passwordOf,
    registry: deps.registry,
    bounds: deps.bounds,
    leaseMs: timing.leaseMs,
    expected: () => hosting.expected,
    sends: charToMap,
    receives: mapToChar,
    linked: ({ server, incarnation }, link) => hosting.add({ server, incarnation, link }),
    leaving: ({ incarnation }) => hosting.leaving(incarnation),
    unlinked: ({ incarnation }, hasLeft) => hosting.remove(incarnation, hasLeft),
    handlersOf: (admittedServer) => ({
      "map-server.announce": async (announced) => {
        await deps.restored;
        hosting.announce(admittedServer().incarnation, announced);
        deps.announced(admittedServer().incarnation);
        return accepted({ hopMs: hopMs(timing) });
      },
      "map-server.status": ({ players, presence }) => {
        const { server: name, incarnation } = admittedServer();
        hosting.setPlayers(incarnation, players);
        // The name and the kind come from the admission of the server, because the message may be wrong.
        if (presence !== null) deps.mapServerPresent?.({ ...presence, kind: "map", name, world: deps.world });
      },
      "character.enter": async ({ accountId, charId, charFence, loginId1 }) => {
        const owner = admittedServer();
        const entered = await locks.apply(accountId, { type: "enter", owner, charId, charFence, loginId1 });
        if (!entered.ok) return refused("lock-lost");
        deps.handOver.arrived(accountId);
        return accepted({});
      },
      "character.save": async ({ charId, charFence: fence, ...saved }) => {
        const refusal = await save(admittedServer(), { charId, fence, ...parseSaved(saved) });
        return refusal === null ? accepted({}) : refused(refusal);
      },
      "character.leave": async ({ accountId, charId, charFence, to, saved }) => {
        const refusal =
          saved === null
            ? null
            : await save(admittedServer(), { charId, fence: charFence, ...parseSaved(saved) });
        const left = await orUnavailable(log, async () =>
          accepted(await leave(admittedServer(), { accountId, charId, charFence }, to)),
        );
        if (refusal === null) return accepted({ isReleased: left.ok });
        return left.ok ? refused(refusal) : left;
      },
      "character.hop": async ({ accountId, charId, charFence, loginId1, saved }) => {
        const hop = { owner: admittedServer(), accountId, charId, charFence, loginId1, ...parseSaved(saved) };
        return deps.handOver.hop(hop);
      },
      "character.reclaim": async ({ characters }) => {
        const owner = admittedServer();
        if (!deps.registry.isRecorded(owner)) return refused("unavailable");
        const claimed = await deps.accounts.claim(characters);
        if (!claimed.ok) return claimed;
        const reclaim = async ({ accountId, ...of }: (typeof characters)[number]): Promise<boolean> => {
          const { charId, charFence, loginId1 } = of;
          if (!deps.accounts.mayHold(accountId, loginId1)) return false;
          const reclaimed = await locks.reclaim(accountId, { owner, ...of });
          if (reclaimed !== "restored" || deps.accounts.mayHold(accountId, loginId1))
            return reclaimed !== "not-reclaimed";
          // The account was released while the lock was being restored, so free the character lock too. If
          // the store does not answer, the lock stays until it is evicted: the map-server then answers that
          // it does not have the character.
          await locks.apply(accountId, { type: "leave", owner, charId, charFence });
          return false;
        };
        const isReclaimed = await Promise.all(
          characters.map((each) => reclaim(each).catch(nullIfUnreadable)),
        );
        const lost = characters.filter((_, index) => !isReclaimed[index]);
        return accepted({ lost: lost.map(({ accountId }) => accountId) });
      },
      ...deps.playerOrders.answersTo(admittedServer),
      "score.submit": async ({ charId, charFence: fence, key, ...score }) => {
        const of = { charId, fence, owner: admittedServer().server, world: deps.world };
        const submitted = await deps.characters.submitScore({ ...of, key, score: parseScore(score) });
        metrics.count("scores", { answer: submitted.ok ? "ok" : submitted.refusal });
        return submitted;
      },
      "world.read": (read) => deps.worldStates.read(read),
      "world.change": (change) => deps.worldStates.change(admittedServer().incarnation, change),
    }),
  });
}

const parseSaved = ({
  saveNumber,
  position,
  attributes,
}: {
  saveNumber: number;
  position: CharacterState["position"];
  attributes: string;
}): Pick<NumberedState, "saveNumber" | "state"> => ({
  saveNumber,
  state: { position, attributes: parseAttributes(attributes) },
});
