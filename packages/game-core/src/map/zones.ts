import type { CharId } from "@sallyport/domain";
import type { Cell } from "@sallyport/map-world";
import type { Effect } from "./effect.ts";
import type { MapState } from "./map-state.ts";
import { type Zone, zonesAt } from "./objects.ts";
import { Recorder } from "./recorder.ts";
import { runHandler } from "./run-handler.ts";
import type { At } from "./view.ts";

/** Runs the handlers for the zones that a player leaves and enters. A cell is null off the map. */
export function crossZones(
  state: MapState,
  at: At,
  charId: CharId,
  { from, to }: { readonly from: Cell | null; readonly to: Cell | null },
): readonly Effect[] {
  const { zoneEntered, zoneLeft } = state.game.definition;
  if (zoneEntered === undefined && zoneLeft === undefined) return [];
  const before = from === null ? [] : zonesAt(state, from);
  const after = to === null ? [] : zonesAt(state, to);
  const tell = (handler: string, call: typeof zoneEntered, zones: readonly Zone[]): readonly Effect[] =>
    zones.flatMap((zone) => {
      const ran = runHandler(state, at, handler, (transaction) =>
        call?.(new Recorder(transaction, { charId }), zone),
      );
      return ran.type === "refused" ? [] : ran.effects;
    });
  return [
    ...tell(
      "zoneLeft",
      zoneLeft,
      before.filter((zone) => !after.includes(zone)),
    ),
    ...tell(
      "zoneEntered",
      zoneEntered,
      after.filter((zone) => !before.includes(zone)),
    ),
  ];
}
