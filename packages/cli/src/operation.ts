import {
  choiceSetting,
  countSetting,
  type Log,
  nextLevel,
  noMetrics,
  optionalPortSetting,
  textSetting,
} from "@sallyport/server-kit";
import {
  type AdminPort,
  type AdminPortOptions,
  type Checks,
  type Orders,
  openAdminPort,
} from "./admin-port.ts";
import type { Operators } from "./operator/routes.ts";
import { PrometheusMetrics } from "./prometheus-metrics.ts";

const hour = 3_600_000;

/** Of every process, whatever it runs. */
export const operationSettings = (levelFallback: "info" | "warn") => ({
  logLevel: choiceSetting("LOG_LEVEL", "how much is logged; SIGUSR2 goes round the levels", levelFallback, [
    "debug",
    "info",
    "warn",
    "error",
    "silent",
  ]),
  stopMs: countSetting(
    "STOP_WITHIN_MS",
    "milliseconds that a stop may take; then the process ends, whatever is not done",
    30_000,
    1_000,
    hour,
  ),
  adminPort: optionalPortSetting(
    "ADMIN_PORT",
    "port of /healthz, /readyz, /metrics and what operators ask, 0: any free one; empty: not open",
    "ADMIN_HOST",
  ),
  adminHost: textSetting("ADMIN_HOST", "address of ADMIN_PORT; keep it from clients", {
    fallback: "127.0.0.1",
  }),
});

export interface Operation {
  readonly metrics: typeof noMetrics;
  /** Absent where there is none. */
  readonly adminPort?: AdminPort | null;
  /** From here on these are what has to hold, and what may be asked. */
  watch(checks: Checks, operators: Operators | null, orders?: Orders | null): void;
  stopping(): void;
}

/**
 * Opens the admin port, where there is to be one, before the servers start: a start that hangs can be seen. `ofAll`: what
 * others measured is told there instead of what this process does.
 */
export async function openOperation(
  settings: { readonly adminPort: number | null; readonly adminHost: string },
  ofAll?: AdminPortOptions["metrics"],
): Promise<Operation> {
  const { adminPort: port, adminHost: host } = settings;
  let checks: Checks = { started: () => false };
  let operators: Operators | null | undefined;
  let orders: Orders | null = null;
  const watch: Operation["watch"] = (watched, asked, ordered = null) => {
    operators = asked;
    orders = ordered;
    checks = { started: () => true, ...watched };
  };
  const stopping = (): void => {
    checks = { "not stopping": () => false, ...checks };
  };
  if (port === null) return { metrics: noMetrics, adminPort: null, watch, stopping };
  const metrics = new PrometheusMetrics();
  const told = { checks: () => checks, operators: () => operators, orders: () => orders };
  const adminPort = await openAdminPort({ host, port, metrics: ofAll ?? metrics, ...told });
  return { metrics, adminPort, watch, stopping };
}

/** SIGUSR2 makes a running server tell more, or less. */
export function changeLevelOnSignal(log: Log): void {
  // Windows has no such signal.
  if (process.platform === "win32") return;
  process.on("SIGUSR2", () => {
    const level = nextLevel(log.level);
    log.level = level;
    log[level]({ logLevel: level }, "log level changed");
  });
}
