import type { ScalingReport } from "./run-scaling.ts";

/**
 * Expected refusals: a map without a host for a moment, a walk while the character is handed over, or too many
 * logins at once. These refusals tell the client to try again later.
 */
const declaredWaits = new Set([
  ...["choose: map-unavailable", "warp: map-unavailable", "walk: no-path", "walk: unavailable"],
  ...[
    "choose: SC_NOTIFY_BAN 1",
    "register: SC_NOTIFY_BAN 4",
    "login: SC_NOTIFY_BAN 4",
    "login: SC_NOTIFY_BAN 8",
  ],
]);
const isDeclared = (kind: string): boolean => declaredWaits.has(kind) || kind.endsWith(": busy");

/** Returns one sentence for each promise that did not hold. */
export function judge({ bots, ragnarok, residents, others, saves, killed }: ScalingReport): string[] {
  const undeclared = [bots, ragnarok].flatMap(({ refusals }) =>
    Object.entries(refusals).filter(([kind]) => !isDeclared(kind)),
  );
  const thrownOut = residents.flatMap(({ name, ends }) =>
    ends.map(({ reason, detail }) => `${name} was disconnected: ${reason}, ${detail}`),
  );
  const errors = [...Object.entries(bots.errors), ...Object.entries(ragnarok.errors)];
  const refusedOthers = others
    .flatMap(({ refusals }) => refusals)
    .map(({ kind, answer }) => `refused: ${kind}, ${answer}`);
  return [
    ...errors.map(([kind, { count, first }]) => `${count} × ${kind}, first: ${first}`),
    ...undeclared.map(([kind, count]) => `refused: ${kind}, ${count} times`),
    ...counted(refusedOthers),
    ...thrownOut.slice(0, 5),
    ...(thrownOut.length > 5 ? [`and ${thrownOut.length - 5} more residents`] : []),
    ...Object.entries(saves)
      .filter(([answer]) => answer !== "ok")
      .map(([answer, count]) => `${count} saves were answered ${answer}`),
    ...(residents.some(({ hops }) => hops > 0) ? [] : ["nobody crossed to another map-server"]),
    ...(others.length === 0 || others.some(({ visits }) => visits.length > 0)
      ? []
      : ["nobody came by the protocols of fronts or by the A series"]),
    ...(ragnarok.hops > 0 ? [] : ["no Ragnarok client was sent on to another map-server"]),
    ...(killed.thrownOut > 0 ? [] : [`${killed.mapServer} was killed, and nobody noticed`]),
  ];
}

/** Each of these sentences once, with the number of times. */
const counted = (sentences: readonly string[]): string[] =>
  [...new Set(sentences)].map(
    (sentence) => `${sentence}, ${sentences.filter((each) => each === sentence).length} times`,
  );
