import type { JsonObject } from "@sallyport/domain";
import { defineGame, type Game } from "@sallyport/game-core";
import type { MapServer } from "@sallyport/map-server";
import harbour, { characterSchema, newcomer } from "@sallyport/sample-world";
import { z } from "zod";
import type { Fact } from "./facts.ts";
import type { WorldName } from "./topology.ts";
import { countsKey } from "./watched-world-states.ts";

const steps = z.number().int().min(0);
const firstState = { ...newcomer, steps: 0 };

export interface SimulatedGameOptions {
  /** The process of the map-server. */
  readonly life: string;
  readonly world: WorldName;
  readonly see: (fact: Fact) => void;
}

/**
 * The game on one map-server. It is the sample world, and counts the steps of each character, and those of all
 * characters.
 */
export class SimulatedGame {
  readonly game: Game;
  readonly #options: SimulatedGameOptions;
  #server: Pick<MapServer, "worldStates"> | null = null;
  #steps = 0;

  constructor(options: SimulatedGameOptions) {
    this.#options = options;
    const { definition } = harbour;
    const { shell } = definition.actors ?? {};
    const { life, see } = options;
    if (shell?.kind !== "item") throw new Error("the sample world has no shells");
    this.game = defineGame({
      ...definition,
      character: {
        ...definition.character,
        schema: characterSchema.extend({ steps }),
        initial: firstState,
        migrations: {
          ...definition.character?.migrations,
          0: (old: JsonObject) => ({ ...firstState, steps: old["steps"] }),
        },
        // The client of a character is shown all that `Belongings` compares.
        own: ["gold", "bag", "quest", "diary"],
      },
      world: {
        ...definition.world,
        // The value has a count for each process of a map-server. Both worlds use the same key.
        [countsKey]: {
          schema: z.record(z.string(), steps),
          initial: {},
          changes: { counted: { input: z.string(), apply: counted } },
        },
      },
      actors: {
        ...definition.actors,
        shell: {
          ...shell,
          taken(it: Parameters<typeof shell.taken>[0]) {
            shell.taken(it);
            see({ type: "item-taken", life, actor: it.actor.id });
          },
        },
      },
      stepped: (it: PlayerOf<typeof definition>) => {
        const made = (it.character["steps"] as number) + 1;
        it.set({ steps: made });
        see({ type: "stepped", life, charId: it.player.charId, steps: made });
        this.#count();
      },
    } as never) as Game;
  }

  isOn<Server extends Pick<MapServer, "worldStates">>(server: Server): Server {
    this.#server = server;
    return server;
  }

  /** A handler does not learn whether a change was made, so this asks the server. */
  #count(): void {
    const { life, world, see } = this.#options;
    this.#steps += 1;
    const id = this.#steps;
    see({ type: "count-asked", life, world, id });
    void this.#server?.worldStates.change(countsKey, "counted", life).then((answer) => {
      see({ type: "count-answered", life, world, id, refusal: answer.ok ? null : answer.refusal });
    });
  }
}

type PlayerOf<D extends { readonly stepped?: unknown }> = Parameters<
  Extract<D["stepped"], (...args: never) => unknown>
>[0];
type Counts = { readonly [life: string]: number };

const counted = (counts: Counts, life: string): Counts => ({ ...counts, [life]: (counts[life] ?? 0) + 1 });
