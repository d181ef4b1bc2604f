/*
 * What is measured, as one table: names, units, labels and their reference page come from it. Servers are handed
 * somewhere to put it and never know where that is. Labels have few values, all of our own making: never a name, an
 * address or an account.
 */

type Kind = "counter" | "gauge" | "histogram";

export interface MetricRow {
  readonly kind: Kind;
  /** As Prometheus sees it, with its unit. */
  readonly name: `sallyport_${string}`;
  readonly doc: string;
  readonly labels: readonly string[];
  /** What several processes of one server come to together, if not the sum. */
  readonly together?: "max" | "first";
}

const row =
  <const K extends Kind>(kind: K) =>
  <const L extends readonly string[]>(name: MetricRow["name"], doc: string, labels: L) =>
    ({ kind, name, doc, labels }) as const;

const counter = row("counter");
const gauge = row("gauge");
const histogram = row("histogram");

/** How a client came: what carries its bytes to this server, and what it speaks. */
const carried = ["transport", "dialect"] as const;

export const metricTable = {
  build: {
    ...gauge("sallyport_build_info", "always 1: the version that runs", ["version"]),
    together: "first",
  },
  clients: gauge("sallyport_clients", "clients connected", ["door", ...carried]),
  clientsAccepted: counter("sallyport_clients_accepted_total", "clients let in at a door", [
    "door",
    ...carried,
  ]),
  clientsTurnedAway: counter(
    "sallyport_clients_turned_away_total",
    "connections refused before they were let in: full, address (too many from one), newcomers, newcomers-of-address, origin, not-websocket, tls, proxy-header, late, hung-up, stopping",
    ["door", "why"],
  ),
  clientsEnded: counter(
    "sallyport_clients_ended_total",
    "connections ended: by the client, by the server, or for silence, nonsense, not reading, a bug; before the first command: no-command (in time), first-bytes (that were wrong), newcomers, newcomers-of-address; at a gateway also: no server to lead to, a server gone, the lock store unavailable, stopping",
    ["door", "why", ...carried],
  ),
  commands: counter(
    "sallyport_client_commands_total",
    "commands of clients, by their answer: ok, or the refusal; an ok at char.enter or map.enter is a hop",
    ["door", "command", "answer", ...carried],
  ),
  commandSeconds: histogram(
    "sallyport_client_command_seconds",
    "from a command's turn until its answer is written",
    ["door", "command", ...carried],
  ),
  gatewayRoutes: counter(
    "sallyport_gateway_routes_total",
    "clients led to a server: the owner of the character that was shown, any, or nobody",
    ["door", "outcome"],
  ),
  gatewayRouteSeconds: histogram(
    "sallyport_gateway_route_seconds",
    "from the first packet until there is a connection to a server",
    ["door"],
  ),
  gatewayUnreached: counter("sallyport_gateway_unreached_total", "servers that did not take a connection", [
    "door",
  ]),
  gatewayWaitingBytes: gauge(
    "sallyport_gateway_waiting_bytes",
    "bytes that one end of a connection sent and the other has not taken yet",
    [],
  ),
  players: gauge("sallyport_players", "characters held by this map-server", []),
  mapPlayers: gauge(
    "sallyport_map_players",
    "of them on a map, or expected there; of every map that it hosts",
    ["map"],
  ),
  movementLate: histogram(
    "sallyport_movement_late_seconds",
    "how long after it was due the first step of a batch is made; up to 0.025 by design",
    [],
  ),
  enteringSeconds: histogram(
    "sallyport_entering_seconds",
    "from choosing a character, or from stepping onto another map-server's map, until the map-server that it goes to has it; by the char-server's clock, which is asked for both; those that never arrive are not in it",
    ["from"],
  ),
  worldPlayers: gauge("sallyport_world_players", "characters in this char-server's world", []),
  links: gauge("sallyport_links", "inter-server links that are up, by what is at the other end", ["with"]),
  linksExpected: {
    ...gauge(
      "sallyport_links_expected",
      "how many there should be: one at the end that connects; of a login-server all of CHAR_SERVERS, though some may be linked to another login-server; of a char-server the map-servers that are linked or may come back",
      ["with"],
    ),
    together: "max",
  },
  linkRequests: counter(
    "sallyport_link_requests_total",
    "requests of other servers, by their answer: ok, the refusal, or dropped for coming too late",
    ["with", "request", "answer"],
  ),
  linkRequestSeconds: histogram("sallyport_link_request_seconds", "from such a request until its answer", [
    "with",
    "request",
  ]),
  passwordsWaiting: gauge("sallyport_passwords_waiting", "passwords that wait to be hashed", []),
  passwordsHashing: gauge("sallyport_passwords_hashing", "passwords that are being hashed", []),
  passwordWaitSeconds: histogram("sallyport_password_wait_seconds", "how long a password waited", []),
  passwordHashSeconds: histogram("sallyport_password_hash_seconds", "how long hashing it then took", []),
  passwordsRefused: counter(
    "sallyport_passwords_refused_total",
    "passwords not hashed because too many waited",
    [],
  ),
  loginsRemembered: counter("sallyport_logins_remembered_total", "raw logins that cost no hash", []),
  loginsHeldBack: counter(
    "sallyport_logins_held_back_total",
    "logins not looked at after too many wrong passwords: of the name at this address, or of the address; and salts not offered to an address that proved too little",
    ["by"],
  ),
  storeSeconds: histogram("sallyport_store_seconds", "answers of a store: locks or database", [
    "store",
    "operation",
  ]),
  storeErrors: counter("sallyport_store_errors_total", "what a store did not answer, or failed at", [
    "store",
    "operation",
  ]),
  sweeps: counter("sallyport_sweeps_total", "passes over the locks that are due: done, or failed", [
    "outcome",
  ]),
  locks: {
    ...gauge(
      "sallyport_locks",
      "locks in the store that are not free, by kind and state, `unreadable` for what is no lock; counted at leisure, so up to a minute old, and by every server that reaches the store: take the maximum",
      ["kind", "state"],
    ),
    together: "max",
  },
  locksExpired: counter("sallyport_locks_expired_total", "locks that ran out, by kind and state", [
    "kind",
    "state",
  ]),
  saves: counter(
    "sallyport_character_saves_total",
    "saves of characters, by their answer: ok, or the refusal; lock-lost is a stale save kept out",
    ["answer"],
  ),
} satisfies { readonly [name: string]: MetricRow };

type Table = typeof metricTable;
type NameOf<K extends Kind> = {
  [N in keyof Table]: Table[N]["kind"] extends K ? N : never;
}[keyof Table];
export type LabelsOf<N extends keyof Table> = { readonly [L in Table[N]["labels"][number]]: string };

export interface Metrics {
  count<N extends NameOf<"counter">>(name: N, labels: LabelsOf<N>): void;
  observe<N extends NameOf<"histogram">>(name: N, labels: LabelsOf<N>, seconds: number): void;
  /** Read whenever somebody looks. */
  watch<N extends NameOf<"gauge">>(name: N, labels: LabelsOf<N>, read: () => number): void;
  /** The same of labels that are not known beforehand. */
  watchEach<N extends NameOf<"gauge">>(
    name: N,
    read: () => Iterable<readonly [labels: LabelsOf<N>, value: number]>,
  ): void;
}

export const noMetrics: Metrics = { count() {}, observe() {}, watch() {}, watchEach() {} };

/** Counts by labels, for a gauge. What was counted once is told from then on, also when none is left. */
export class LabelledCounts<L extends { readonly [label: string]: string }> {
  readonly #counts = new Map<string, { readonly labels: L; count: number }>();

  add(labels: L, by: number): void {
    const key = Object.values(labels).join("\0");
    const counted = this.#counts.get(key) ?? { labels, count: 0 };
    counted.count += by;
    this.#counts.set(key, counted);
  }

  *[Symbol.iterator](): Generator<readonly [L, number]> {
    for (const { labels, count } of this.#counts.values()) yield [labels, count];
  }
}

/** What an answer is counted as. */
export const answerLabel = (answer: { readonly ok: boolean; readonly refusal?: string }): string =>
  answer.ok ? "ok" : (answer.refusal ?? "refused");

/** The same handlers, each request counted and timed. Notices are not: they have no answer. */
export function measured<H extends object>(handlers: H, of: string, clock: Now, metrics: Metrics): H {
  const wrapped = Object.entries(handlers as Record<string, Handler>).map(([request, handle]) => [
    request,
    (message: never): unknown => {
      const startedMs = clock.nowMs();
      const answering = handle(message);
      if (!(answering instanceof Promise)) return answering;
      return answering.then((answer) => {
        metrics.count("linkRequests", { with: of, request, answer: answerLabel(answer) });
        metrics.observe("linkRequestSeconds", { with: of, request }, (clock.nowMs() - startedMs) / 1_000);
        return answer;
      });
    },
  ]);
  return Object.fromEntries(wrapped) as H;
}

interface Now {
  nowMs(): number;
}
type Handler = (message: never) => unknown;
