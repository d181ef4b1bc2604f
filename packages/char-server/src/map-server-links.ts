import { charToMap, mapToChar } from "@sallyport/cluster-protocol";
import type { CharacterSave, SaveRefusal } from "@sallyport/database";
import {
  type AccountId,
  accepted,
  type CharacterState,
  type CharId,
  type Fence,
  type JsonObject,
  refused,
} from "@sallyport/domain";
import type { Owner } from "@sallyport/lock-core";
import {
  AnsweringLinks,
  type AnsweringLinksOptions,
  isUnavailable,
  type Life,
  type Log,
} from "@sallyport/server-kit";
import { WireError } from "@sallyport/wire";
import type { CharacterLocks } from "./character-locks.ts";
import type { MapHosting } from "./map-hosting.ts";
import type { SaveQueue } from "./save-queue.ts";

export interface MapServerLinksDeps
  extends Omit<
    AnsweringLinksOptions<typeof charToMap, typeof mapToChar>,
    "of" | "sends" | "receives" | "handlersOf" | "linked" | "unlinked"
  > {
  readonly locks: CharacterLocks;
  readonly hosting: MapHosting;
  readonly saves: SaveQueue;
  /** This server's own life, to which a character returns; null while it is not linked to the login-server. */
  readonly self: () => Owner | null;
  readonly log: Log;
}

interface OfCharacter {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly charFence: Fence;
}

/** Where map-servers connect, and what they may ask. */
export function createMapServerLinks(
  deps: MapServerLinksDeps,
): AnsweringLinks<typeof charToMap, typeof mapToChar> {
  const { locks, hosting, saves } = deps;

  async function save(of: CharacterSave): Promise<SaveRefusal | null> {
    const refusal = await saves.save(of).catch((error) => {
      deps.metrics?.count("saves", { answer: "unavailable" });
      throw error;
    });
    deps.metrics?.count("saves", { answer: refusal ?? "ok" });
    return refusal;
  }

  async function leave(
    life: Life,
    { accountId, charId, charFence }: OfCharacter,
    to: "char-select" | "offline",
  ): Promise<void> {
    const owner = deps.self();
    if (to === "char-select" && owner !== null) {
      const back = { type: "return", from: life, charId, charFence, owner } as const;
      const returned = await locks.apply(accountId, back);
      if (returned.ok) return;
    }
    // Also when it may not return any more. A lock that is not held is none to give back.
    await locks.apply(accountId, { type: "leave", owner: life, charId, charFence });
  }

  const orUnavailable = async <T>(run: () => Promise<T>) => {
    try {
      return await run();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      deps.log.warn({ err: error }, "a store did not answer");
      return refused("unavailable", 1_000);
    }
  };

  return new AnsweringLinks<typeof charToMap, typeof mapToChar>({
    ...deps,
    of: "map-server",
    sends: charToMap,
    receives: mapToChar,
    linked: ({ server, incarnation }, link) => hosting.add({ server, incarnation, link }),
    unlinked: ({ incarnation }) => hosting.remove(incarnation),
    handlersOf: (life) => ({
      "map-server.announce": async (announced) => {
        const maps = hosting.announce(life().incarnation, announced);
        deps.log.info({ mapServer: life().server, maps }, "map-server hosts");
        return accepted({ maps });
      },
      "map-server.status": ({ players }) => hosting.setPlayers(life().incarnation, players),
      "character.enter": ({ accountId, charId, charFence, loginId1 }) =>
        orUnavailable(async () => {
          const owner = life();
          const entered = await locks.apply(accountId, { type: "enter", owner, charId, charFence, loginId1 });
          return entered.ok ? accepted({}) : refused("lock-lost");
        }),
      "character.save": ({ charId, charFence, position, attributes }) =>
        orUnavailable(async () => {
          const state = { position, attributes: parseAttributes(attributes) };
          const refusal = await save({ charId, fence: charFence, state });
          return refusal === null ? accepted({}) : refused(refusal);
        }),
      "character.leave": ({ accountId, charId, charFence, to, saved }) =>
        orUnavailable(async () => {
          const refusal =
            saved === null ? null : await save({ charId, fence: charFence, state: parseState(saved) });
          await leave(life(), { accountId, charId, charFence }, to);
          return refusal === null ? accepted({}) : refused(refusal);
        }),
    }),
  });
}

const parseState = (saved: { position: CharacterState["position"]; attributes: string }): CharacterState => ({
  position: saved.position,
  attributes: parseAttributes(saved.attributes),
});

function parseAttributes(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WireError("attributes", "not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("attributes", "not a JSON object");
  }
  return value as JsonObject;
}
