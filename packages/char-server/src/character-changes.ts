import type { CharacterNames, CharacterStore } from "@sallyport/database";
import { accepted, type Outcome, type Position, refused } from "@sallyport/domain";
import type { AccountOperations } from "./account-operations.ts";
import type { MapHosting } from "./map-hosting.ts";

export interface CharacterChangesDeps {
  readonly operations: AccountOperations;
  readonly characters: CharacterStore;
  readonly names: CharacterNames;
  readonly hosting: Pick<MapHosting, "known">;
  readonly world: string;
}

type Changed<R extends string> = Outcome<
  Record<never, never>,
  R | "no-such-character" | "overtaken" | "unavailable"
>;
type Listed = Parameters<CharacterStore["delete"]>[0];
type ListRefusal = "lock-lost" | "no-such-character" | "raised-meanwhile";

/**
 * What operators change about a character, by its name in this world. If the account plays, the player is
 * saved and leaves first. A refusal that does not depend on that comes before anybody leaves.
 */
export class CharacterChanges {
  readonly #deps: CharacterChangesDeps;

  constructor(deps: CharacterChangesDeps) {
    this.#deps = deps;
  }

  /** `to` follows the rules for new names. */
  async rename(name: string, to: string): Promise<Changed<"name-invalid" | "name-taken">> {
    const { characters, names, world } = this.#deps;
    const named = names.read(to);
    if (named === null) return refused("name-invalid");
    const [character, other] = await Promise.all([
      characters.find({ name, world }),
      characters.find({ name: named.name, world }),
    ]);
    if (character?.name === named.name) return accepted({});
    if (other !== null && other.charId !== character?.charId) return refused("name-taken");
    return this.#change(name, (listed) => characters.rename({ ...listed, ...named }));
  }

  /** The position is in the units of its map, like the stored ones. */
  async move(name: string, position: Position): Promise<Changed<"no-such-map">> {
    const { characters, hosting } = this.#deps;
    if (!hosting.known.has(position.map)) return refused("no-such-map");
    return this.#change(name, (listed) => characters.move({ ...listed, position }));
  }

  /** Deletes at once, without the waiting time that the world may have for players. */
  delete(name: string): Promise<Changed<never>> {
    return this.#change(name, (listed) => this.#deps.characters.delete(listed));
  }

  async #change<R extends string>(
    name: string,
    change: (listed: Listed) => Promise<Outcome<Record<never, never>, R | ListRefusal>>,
  ): Promise<Changed<Exclude<R, ListRefusal>>> {
    const { characters, operations, world } = this.#deps;
    const found = await characters.find({ name, world });
    if (found === null) return refused("no-such-character");
    const { accountId, charId } = found;
    const changed = await operations.change<R | "no-such-character">(accountId, async (held) => {
      for (;;) {
        const listed = (await characters.list({ accountId, world })).find((each) => each.charId === charId);
        if (listed === undefined) return refused("no-such-character");
        const answer = await change({ ...held, charId, world, charFence: listed.fence });
        if (answer.ok || answer.refusal !== "raised-meanwhile")
          return answer as Outcome<Record<never, never>, R>;
      }
    });
    if (!changed.ok && changed.refusal === "no-such-account") return refused("no-such-character");
    return changed as Changed<Exclude<R, ListRefusal>>;
  }
}
