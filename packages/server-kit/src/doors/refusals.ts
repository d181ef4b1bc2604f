import type { Refusal } from "@sallyport/link/tcp";
import type { Host } from "../running/host.ts";

/** The kinds of doors for clients. */
export type DoorName = "login" | "char" | "map" | "front" | "resource";

/** The reason why a door refuses a connection, or ends a connection that has sent no command yet. */
export type RefusedBy = Refusal["by"] | "full" | "dialect-full" | "address" | "no-command" | "first-bytes";

const beforeFirstCommand = ["no-command", "newcomers", "newcomers-of-address", "first-bytes"] as const;

/** True if this reason ends a connection that was accepted but has sent no command yet. */
export const isRefusal = (by: string): by is (typeof beforeFirstCommand)[number] =>
  (beforeFirstCommand as readonly string[]).includes(by);

export interface RefusedClient {
  readonly by: RefusedBy;
  readonly remote: string;
  readonly why?: string;
  readonly origin?: string;
  readonly dialect?: string;
}

type RefusalsHost = Pick<Host, "clock" | "log" | "metrics">;

interface RefusalsOptions {
  /** The warnings name the settings of this program. */
  readonly at?: "server" | "gateway";
  readonly door: DoorName;
}

const againMs = 60_000;
/**
 * Maximum number of separate warnings. Clients can invent origins, so all further origins share one warning.
 */
const keysMax = 50;
const originCharsMax = 200;

/**
 * Tells the operator which connections a door refuses, and which setting causes it. For each reason and
 * origin, this class logs at most one warning a minute. The warning has the number of connections since the
 * last warning. The metric counts every connection.
 */
export class Refusals {
  readonly #host: RefusalsHost;
  readonly #options: RefusalsOptions;
  readonly #told = new Map<string, { toldMs: number; untold: number }>();

  constructor(host: RefusalsHost, options: RefusalsOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Counts a refused connection, and logs a warning if it is time for one. */
  refuse(refused: RefusedClient): void {
    const { log, metrics } = this.#host;
    const { door } = this.#options;
    metrics.count("clientsTurnedAway", { door, why: refused.by });
    const { remote, why = refused.by } = refused;
    log.debug({ remote, why }, "client was not accepted");
    this.tell(refused);
  }

  /** Logs a warning if it is time for one. The caller counts the connection in the metrics. */
  tell({ by, remote, why, origin, dialect = "native" }: RefusedClient): void {
    const { clock, log } = this.#host;
    const { at = "server", door } = this.#options;
    const variable = settingsAt(at, door, dialect)[by];
    if (variable === null) return;
    const nowMs = clock.nowMs();
    const shown = origin === undefined ? {} : { origin: origin.slice(0, originCharsMax) };
    const counted = this.#counted(JSON.stringify([by, variable, shown.origin ?? ""]), `${by}, others`, nowMs);
    counted.untold += 1;
    if (nowMs - counted.toldMs < againMs) return;
    const { untold: connections } = counted;
    counted.toldMs = nowMs;
    counted.untold = 0;
    const reason = why === undefined ? by : `${by} (${why})`;
    log.warn({ door, why: reason, ...shown, remote, connections, variable }, "client connections refused");
  }

  #counted(key: string, ofOthers: string, nowMs: number) {
    const known = this.#told.get(key);
    if (known !== undefined) return known;
    if (this.#told.size >= keysMax)
      for (const [each, { toldMs }] of this.#told) if (nowMs - toldMs >= againMs) this.#told.delete(each);
    const counted = { toldMs: Number.NEGATIVE_INFINITY, untold: 0 };
    const taken = this.#told.size < keysMax ? key : ofOthers;
    const shared = this.#told.get(taken) ?? counted;
    this.#told.set(taken, shared);
    return shared;
  }
}

const dialectsOfOneDoor: ReadonlySet<string> = new Set(["a-series", "resource", "token"]);

/** Returns the settings that an operator may want to change. Null if no setting causes the refusal. */
function settingsAt(
  at: "server" | "gateway",
  door: RefusalsOptions["door"],
  dialect: string,
): { readonly [B in RefusedBy]: string | null } {
  const DOOR = door.toUpperCase();
  const isFront = door === "front";
  const DIALECT = dialect.toUpperCase().replaceAll("-", "_");
  const [own, ports] = at === "gateway" ? ["GATEWAY", "GATEWAY_"] : [DOOR, ""];
  return {
    "hung-up": null,
    stopping: null,
    tls: isFront ? null : "TLS_CERT",
    "proxy-header": "PROXY_FROM",
    origin: `${own}_WS_ORIGINS`,
    "not-websocket": `${ports}${DOOR}_WS_PORT`,
    "first-bytes":
      isFront || dialectsOfOneDoor.has(dialect)
        ? `${DIALECT}_PORT`
        : dialect === "native"
          ? `${ports}${DOOR}_PORT`
          : `${ports}${DIALECT}_${DOOR}_PORT`,
    late: `${own}_HANDSHAKE_MS`,
    "no-command": at === "gateway" ? "GATEWAY_FIRST_PACKET_MS" : `${own}_FIRST_COMMAND_MS`,
    newcomers: `${own}_NEWCOMERS_MAX`,
    "newcomers-of-address": `${own}_NEWCOMERS_PER_ADDRESS_MAX`,
    full: `${own}_CLIENTS_MAX`,
    "dialect-full": `${DIALECT}_CLIENTS_MAX`,
    address: `${own}_CLIENTS_PER_ADDRESS_MAX`,
  };
}
