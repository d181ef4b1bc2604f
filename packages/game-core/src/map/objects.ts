import type { JsonObject } from "@sallyport/domain";
import type { Cell, MapObject } from "@sallyport/map-world";
import { type CallWatch, watched } from "../call-watch.ts";
import { MisfitError } from "../character/character-state.ts";
import { merged } from "../character/json.ts";
import type { AnyShape, Game } from "../definition/game.ts";
import type { MapInfo } from "../definition/map-info.ts";
import type { ObjectInfo } from "../definition/recorder.ts";
import { validate } from "../schema/validate.ts";
import type { Effect } from "./effect.ts";
import type { MapState } from "./map-state.ts";
import { runHandler } from "./run-handler.ts";
import type { At } from "./view.ts";

export const nameOf = ({ class: className, name, x, y }: MapObject): string =>
  `the map object ${name || className} at ${x},${y}`;

/** What the schema of the class returns. Throws `MisfitError`, whose message begins with `what`. */
export function checkedProperties(
  { definition }: Game,
  className: string,
  properties: JsonObject,
  what: string,
): JsonObject {
  const schemas = definition.objects ?? {};
  const schema = Object.hasOwn(schemas, className) ? schemas[className] : undefined;
  const checked = schema === undefined ? undefined : validate(schema, properties);
  if (checked?.ok === false) throw new MisfitError(`${what}: ${checked.problem}`);
  return merged({}, (checked?.value ?? properties) as object, what);
}

function readObject(game: Game, object: MapObject): MapObject {
  const properties = checkedProperties(game, object.class, object.properties, "properties");
  return Object.freeze({ ...object, properties });
}

/** Says which objects of a map have properties that do not fit the game. */
export function misfitObjects(
  game: Game,
  { name, objects }: Pick<MapInfo, "name" | "objects">,
  calls?: CallWatch,
): readonly string[] {
  return objects.flatMap((object) => {
    try {
      watched(calls, nameOf(object), () => readObject(game, object), name);
      return [];
    } catch (error) {
      return [`${name}: ${nameOf(object)}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

export interface ObjectsRead {
  /** Those that fit, in the order of the file. */
  readonly objects: readonly MapObject[];
  readonly effects: readonly Effect[];
}

/** Reads the objects of the map. One that does not fit is a fault, and left out. */
export function readObjects(state: MapState, at: At): ObjectsRead {
  const [objects, effects]: [MapObject[], Effect[]] = [[], []];
  for (const object of state.map.objects) {
    const ran = runHandler(
      state,
      at,
      nameOf(object),
      () => void objects.push(readObject(state.game, object)),
    );
    if (ran.type === "failed") effects.push(...ran.effects);
  }
  for (const className of new Set(objects.map((object) => object.class))) {
    state.objects.set(className, Object.freeze(objects.filter((object) => object.class === className)));
  }
  return { objects, effects };
}

export type Zone = ObjectInfo<AnyShape, "zone">;

export function zonesAt(state: MapState, { x, y }: Cell): readonly Zone[] {
  const zones = (state.objects.get("zone") ?? []) as readonly Zone[];
  return zones.filter(
    (zone) => x >= zone.x && y >= zone.y && x < zone.x + zone.width && y < zone.y + zone.height,
  );
}
