import { columns, type DurationsMs } from "@sallyport/bots";
import { type HostileReport, type Phase, phases, type ServerReport } from "./hostile-report.ts";
import { cameBy } from "./verdict.ts";
import { type WayName, wayNames } from "./way.ts";

export function describeReport(report: HostileReport): string[] {
  return [
    "",
    `Attacked for ${report.attackSeconds.toFixed(0)} s. Servers run on ${report.allocator}.`,
    "",
    ...wayNames.flatMap((way) => [...describeBots(way, report.bots[way]), ""]),
    ...describeTalk(report),
    "",
    ...describeServers(report.servers),
    "",
    ...describePorts(report),
    "",
    ...describeAttacks(report),
    "",
    ...report.servers.flatMap(describeSayings),
    ...verdictLines(report),
  ];
}

function describeBots(way: WayName, bots: HostileReport["bots"][WayName]): string[] {
  const passages = Object.keys(bots.before.latencyMs) as (keyof typeof bots.before.latencyMs)[];
  const counts = phases.map((phase) => `${bots[phase].errorsTotal} ${phase}`).join(", ");
  const rows = passages.flatMap((passage) =>
    (["p50", "p99"] as const).map((quantile) => {
      const of = (phase: Phase): DurationsMs => bots[phase].latencyMs[passage];
      const ratio = (phase: Phase): string => times(of(phase)[quantile] / of("before")[quantile]);
      return [
        `${passage} ${quantile}, ms`,
        ...phases.map((phase) => of(phase)[quantile].toFixed(1)),
        ratio("during"),
        ratio("after"),
      ];
    }),
  );
  const hops = phases.map((phase) => String(bots[phase].hopsTotal));
  const refusals = phases.map((phase) =>
    String(Object.values(bots[phase].refusals).reduce((sum, count) => sum + count, 0)),
  );
  return [
    `${bots.before.bots} bots ${cameBy[way]}; errors: ${counts}.`,
    "",
    ...columns([
      ["bots", ...phases, "during ÷ before", "after ÷ before"],
      ["hops", ...hops, "", ""],
      ["asked to wait", ...refusals, "", ""],
      ...rows,
    ]),
  ];
}

function describeTalk({ talk }: HostileReport): string[] {
  const rows = (["p50", "p99"] as const).map((quantile) => {
    const of = (phase: Phase): number => talk[phase].latencyMs[quantile];
    const ratio = (phase: Phase): string => times(of(phase) / of("before"));
    return [
      `line ${quantile}, ms`,
      ...phases.map((phase) => of(phase).toFixed(1)),
      ratio("during"),
      ratio("after"),
    ];
  });
  const heard = phases.map((phase) => `${talk[phase].heard} of ${talk[phase].said}`);
  return columns([
    ["from the line port to the chat port", ...phases, "during ÷ before", "after ÷ before"],
    ["lines heard", ...heard, "", ""],
    ...rows,
  ]);
}

function describeServers(servers: readonly ServerReport[]): string[] {
  return columns([
    [
      ...["server", "MiB fresh", "before", "peak", "after", "after ÷ before", "in use before", "after"],
      ...["left alone before", "after"],
      ...["lag p99 ms before", "during", "after", "lag max ms during", "clients at most"],
    ],
    ...servers.map(({ name, memory: { fresh, before, peakBytes, after }, worst }) => [
      name,
      mib(fresh.collectedBytes),
      mib(before.collectedBytes),
      mib(peakBytes),
      mib(after.collectedBytes),
      times(after.collectedBytes / before.collectedBytes),
      mib(before.liveBytes),
      mib(after.liveBytes),
      mib(before.aloneBytes),
      mib(after.aloneBytes),
      ...phases.map((phase) => worst[phase].lagP99Ms.toFixed(0)),
      worst.during.lagMaxMs.toFixed(0),
      String(worst.during.clients),
    ]),
  ]);
}

function describePorts({ ports }: HostileReport): string[] {
  const shown = (count: number | null): string => (count === null ? "not known" : String(count));
  return columns([
    ["connections at", "before", "after"],
    ...ports.map(({ name, before, after }) => [name, shown(before), shown(after)]),
  ]);
}

function describeAttacks({ attacks }: HostileReport): string[] {
  return columns([
    ["attack", "tried", "connected", "ended by server", "hung up", "answers"],
    ...attacks.map(({ name, tried, connected, ended, hungUp, answers }) => [
      name,
      ...[tried, connected, ended, hungUp].map(String),
      Object.entries(answers)
        .map(([answer, count]) => `${answer} ${count}`)
        .join(", ") || "–",
    ]),
  ]);
}

function describeSayings({ name, ended, turnedAway, logged, loggedBytes, leaks }: ServerReport): string[] {
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${what} ${count}`)
      .join(", ") || "none";
  return [
    `${name}, while attacked: connections ended: ${list(ended)}; turned away: ${list(turnedAway)}`,
    `  logged ${mib(loggedBytes)} MiB, ${leaks === 0 ? "no secret" : `${leaks} SECRETS`}`,
    ...Object.entries(logged).map(([what, count]) => `  ${String(count).padStart(7)}  ${what}`),
    "",
  ];
}

function verdictLines({ problems }: HostileReport): string[] {
  if (problems.length === 0) return ["It held: no bot met an error, and nothing was left behind."];
  return ["It did not hold:", ...problems.map((problem) => `- ${problem}`)];
}

const mib = (bytes: number): string => (bytes / (1 << 20)).toFixed(1);
const times = (ratio: number): string => (Number.isFinite(ratio) ? `× ${ratio.toFixed(2)}` : "–");
