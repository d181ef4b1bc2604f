import type { HostileReport } from "./hostile-report.ts";
import { phases } from "./hostile-report.ts";
import { type WayName, wayNames } from "./way.ts";

/** After the attack, the memory in use may be at most this many times as large as before it. */
const liveGrowthMax = 1.1;

/**
 * Describes each problem. Durations are not judged, because they depend on the machine as much as on the
 * servers.
 */
export function judge(report: Judged): string[] {
  return [
    ...ofBots(report),
    ...ofTalk(report),
    ...ofServers(report),
    ...ofPorts(report),
    ...ofAttacks(report),
  ];
}

export type Judged = Omit<HostileReport, "problems">;

export const cameBy: Readonly<Record<WayName, string>> = {
  direct: "at the servers' own doors",
  gateway: "through the gateway",
};

function ofBots({ bots }: Judged): string[] {
  return wayNames.flatMap((way) =>
    phases.flatMap((phase) => {
      const { errors, errorsTotal, hopsTotal } = bots[way][phase];
      if (errorsTotal > 0) {
        const [kind, error] = Object.entries(errors)[0] ?? ["", { first: "" }];
        const met = `met ${errorsTotal} errors ${phase} the attack`;
        return [`bots ${cameBy[way]} ${met}; ${kind}, first: ${error.first}`];
      }
      return hopsTotal === 0 ? [`no bot ${cameBy[way]} got anywhere ${phase} the attack`] : [];
    }),
  );
}

function ofTalk({ talk }: Judged): string[] {
  return phases.flatMap((phase) => {
    const { heard, error } = talk[phase];
    if (error !== null) return [`the talk at the front ended ${phase} the attack: ${error}`];
    return heard > 0 ? [] : [`nobody at the front heard a line ${phase} the attack`];
  });
}

function ofServers({ servers, residentGrowthMax }: Judged): string[] {
  return servers.flatMap(({ name, isRunning, memory, leaks }) => {
    if (!isRunning) return [`the ${name} process died`];
    const kept = (what: "collectedBytes" | "liveBytes", called: string, most: number): string[] => {
      const growth = memory.after[what] / memory.before[what];
      return growth <= most ? [] : [`the ${name} process kept ${growth.toFixed(2)} times ${called}`];
    };
    return [
      ...kept("collectedBytes", "its memory", residentGrowthMax),
      ...kept("liveBytes", "what it uses of it", liveGrowthMax),
      ...(leaks === 0 ? [] : [`the ${name} process logged ${leaks} lines with a secret in them`]),
    ];
  });
}

function ofPorts({ ports }: Judged): string[] {
  return ports.flatMap(({ name, before, after }) =>
    before === after ? [] : [`${name} had ${before} connections before, and ${after} afterwards`],
  );
}

/** An attack that got no connection proves nothing, except if it was switched off. */
function ofAttacks({ attacks }: Judged): string[] {
  return attacks.flatMap(({ name, tried, connected, answers, forbidden }) => [
    ...(tried === 0 || connected > 0 ? [] : [`${name} never got a connection`]),
    ...forbidden.flatMap((answer) => {
      const count = answers[answer] ?? 0;
      return count === 0 ? [] : [`${name} got ${count} times: ${answer}`];
    }),
  ]);
}
