import type { JsonObject } from "@sallyport/domain";
import type { GameRules, MapServer, WorldStateDefinitions } from "@sallyport/map-server";
import type { Fact } from "./facts.ts";
import { stepsOf } from "./simulated-stores.ts";
import type { WorldName } from "./topology.ts";

const key = "steps";

const countOf = (counts: unknown, life: string): number => {
  const count = (counts as JsonObject)[life];
  return typeof count === "number" ? count : 0;
};

/** Both worlds use the same key. The value has a count for each process of a map-server. */
const worldStates: WorldStateDefinitions = {
  [key]: {
    initial: {},
    changes: {
      counted: (counts, input) => {
        const life = input as string;
        return { ...(counts as JsonObject), [life]: countOf(counts, life) + 1 };
      },
    },
    parse: (value) => ({ ok: true, value }),
  },
};

export interface SimulatedGameOptions {
  /** The process of the map-server. */
  readonly life: string;
  readonly world: WorldName;
  readonly see: (fact: Fact) => void;
}

/** The game on one map-server. It counts the steps of each character, and those of all characters. */
export class SimulatedGame {
  readonly worldStates = worldStates;
  readonly #options: SimulatedGameOptions;
  #server: Pick<MapServer, "worldStates"> | null = null;
  #steps = 0;

  constructor(options: SimulatedGameOptions) {
    this.#options = options;
  }

  isOn<Server extends Pick<MapServer, "worldStates">>(server: Server): Server {
    this.#server = server;
    return server;
  }

  readonly rules: GameRules = {
    stepped: (attributes) => {
      const { life, see } = this.#options;
      const steps = stepsOf({ attributes }) + 1;
      see({ type: "stepped", life, charId: Number(attributes["character"]), steps });
      this.#steps += 1;
      this.#count(this.#steps);
      return { ...attributes, steps };
    },
  };

  #count(id: number): void {
    const { life, world, see } = this.#options;
    see({ type: "count-asked", life, world, id });
    void this.#server?.worldStates.change(key, "counted", life).then((answer) => {
      see({ type: "count-answered", life, world, id, refusal: answer.ok ? null : answer.refusal });
    });
  }
}
