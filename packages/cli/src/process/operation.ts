import { adminSettings, type Operators } from "@sallyport/operator";
import {
  about,
  choiceSetting,
  countSetting,
  type Log,
  type Metrics,
  nextLevel,
  noMetrics,
} from "@sallyport/server-kit";
import { type AdminPort, type AdminPortOptions, type Checks, openAdminPort } from "./admin-port.ts";
import { PrometheusMetrics } from "./prometheus-metrics.ts";

const hour = 3_600_000;

export const operationSettings = (levelFallback: "info" | "warn") => ({
  ...about("stopping", {
    stopMs: countSetting(
      "STOP_WITHIN_MS",
      "Milliseconds in which a process that stops has to save all players and close. Then it ends, even if work is left.",
      30_000,
      1_000,
      hour,
    ),
  }),
  ...adminSettings,
  ...about("watching", {
    logLevel: choiceSetting(
      "LOG_LEVEL",
      "Lowest level of the lines that are logged. The signal SIGUSR2 switches a running process to the next level.",
      levelFallback,
      ["debug", "info", "warn", "error", "silent"],
    ),
  }),
});

export interface Operation {
  readonly metrics: Metrics;
  /** Null or absent if the process has no admin port. */
  readonly adminPort?: AdminPort | null;
  /** Gives the admin port these checks and answers. It uses them from now on. */
  watch(checks: Checks, operators: Operators | null): void;
  stopping(): void;
}

/**
 * Opens the admin port if ADMIN_PORT is set. The port opens before the servers start, so that operators can
 * see a start that hangs. `ofAll` are the metrics of all workers. If present, the port shows them, and not
 * the metrics of this process.
 */
export async function openOperation(
  settings: { readonly adminPort: number | null; readonly adminHost: string },
  log: Pick<Log, "error">,
  ofAll?: AdminPortOptions["metrics"],
): Promise<Operation> {
  const { adminPort: port, adminHost: host } = settings;
  let checks: Checks = { started: () => false };
  let operators: Operators | null | undefined;
  const watch: Operation["watch"] = (watched, asked) => {
    operators = asked;
    checks = { started: () => true, ...watched };
  };
  const stopping = (): void => {
    checks = { "not stopping": () => false, ...checks };
  };
  if (port === null) return { metrics: noMetrics, adminPort: null, watch, stopping };
  const metrics = new PrometheusMetrics();
  const told = { checks: () => checks, operators: () => operators };
  const adminPort = await openAdminPort({ host, port, log, metrics: ofAll ?? metrics, ...told });
  return { metrics, adminPort, watch, stopping };
}

/** SIGUSR2 switches a running server to the next log level. */
export function changeLevelOnSignal(log: Log): void {
  // Windows does not have this signal.
  if (process.platform === "win32") return;
  process.on("SIGUSR2", () => {
    const level = nextLevel(log.level);
    log.level = level;
    log[level]({ logLevel: level }, "log level changed");
  });
}
