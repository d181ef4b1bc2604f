import { readFileSync } from "node:fs";
import { explain, stopOnSignals } from "@sallyport/command-line";
import { type Transport, transportTo } from "@sallyport/sdk/node";
import { type BotsReport, describeReport } from "./bots-report.ts";
import { parseCommandLine } from "./command-line.ts";
import { onlyLoopback } from "./loopback.ts";
import { progressLine } from "./progress-line.ts";
import { progressPrinter } from "./progress-printer.ts";
import { runBots } from "./run-bots.ts";

function printHints(
  report: BotsReport,
  { host, port }: Transport["login"],
  whyUnreachable: string,
  refusedHosts: ReadonlySet<string>,
): void {
  for (const each of refusedHosts) {
    process.stderr.write(
      `A server sent the bots to ${each}, which is another machine: see --allow-remote.\n`,
    );
  }
  const onlyUnreachable = Object.keys(report.errors).join() === "unreachable";
  if (report.hopsTotal === 0 && onlyUnreachable && refusedHosts.size === 0) {
    process.stderr.write(
      whyUnreachable.endsWith("ECONNREFUSED")
        ? `Nothing listens on ${host}:${port}. Start it with npm start.\n`
        : `Could not be reached: ${whyUnreachable}.\n`,
    );
  }
}

async function main(): Promise<number> {
  const parsed = parseCommandLine(process.argv.slice(2));
  if (!parsed.ok) return explain(parsed);
  const { value } = parsed;
  let transport: Transport;
  try {
    transport = transportTo(value.url, value.ca === undefined ? {} : { ca: readFileSync(value.ca, "utf8") });
  } catch (error) {
    process.stderr.write(`--ca: ${(error as Error).message}\n`);
    return 2;
  }
  let whyUnreachable = "";
  const refusedHosts = new Set<string>();
  const connect = value.allowRemote
    ? transport.connect
    : onlyLoopback(transport, (host) => refusedHosts.add(host));
  const printer = progressPrinter();
  const report = await runBots({
    bots: value.bots,
    durationMs: value.seconds * 1_000,
    connect: (address, withinMs, door) =>
      connect(address, withinMs, door).catch((error: Error) => {
        whyUnreachable = error.message;
        throw error;
      }),
    login: transport.login,
    namePrefix: value.namePrefix,
    passwordWay: value.passwordWay,
    seed: value.seed,
    walksMax: value.walks,
    ...(value.ramp === undefined ? {} : { rampMs: value.ramp * 1_000 }),
    onProgress: (progress) => printer.show(progress.phase, progressLine(progress)),
    signal: stopOnSignals(),
  });
  printer.end();
  const text = value.json ? JSON.stringify(report, null, 2) : describeReport(report).join("\n");
  process.stdout.write(`${text}\n`);
  printHints(report, transport.login, whyUnreachable, refusedHosts);
  return report.ok ? 0 : 1;
}

process.exitCode = await main();
