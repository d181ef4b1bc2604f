/**
 * All metrics as one table. The reference page is generated from this table. Servers record values through
 * `Metrics` and do not know who reads them. Each label has few possible values. A label never contains a
 * player's name, an address or an account.
 */

type Kind = "counter" | "gauge" | "histogram";

export interface MetricRow {
  readonly kind: Kind;
  /** The name of the metric in Prometheus. It includes the unit. */
  readonly name: `sallyport_${string}`;
  readonly doc: string;
  readonly labels: readonly string[];
  /**
   * Says how to combine the values from several processes of one server. Without it, the values are added.
   */
  readonly together?: "max" | "first";
}

const row =
  <const K extends Kind>(kind: K) =>
  <const L extends readonly string[]>(name: MetricRow["name"], doc: string, labels: L) =>
    ({ kind, name, doc, labels }) as const;

const counter = row("counter");
const gauge = row("gauge");
const histogram = row("histogram");

const carried = ["transport", "dialect"] as const;

export const metricTable = {
  build: {
    ...gauge("sallyport_build_info", "always 1; the label has the version that runs", ["version"]),
    together: "first",
  },
  clients: gauge("sallyport_clients", "clients connected", ["door", ...carried]),
  clientsAccepted: counter("sallyport_clients_accepted_total", "clients let in at a door", [
    "door",
    ...carried,
  ]),
  clientsTurnedAway: counter(
    "sallyport_clients_turned_away_total",
    "connections refused before they were let in; why: full, dialect-full (of this dialect), address (too many from one address), newcomers, newcomers-of-address, origin, not-websocket, tls, proxy-header, late, hung-up, stopping",
    ["door", "why"],
  ),
  clientsEnded: counter(
    "sallyport_clients_ended_total",
    "connections that ended; why: by the client, by the server, for silence, nonsense, not reading, or a bug; before the first command: no-command (in time), first-bytes (of another protocol), newcomers, newcomers-of-address; at a gateway also: no server found, server gone, lock store unavailable, stopping",
    ["door", "why", ...carried],
  ),
  commands: counter(
    "sallyport_client_commands_total",
    "commands of clients, by answer: ok or the refusal. An ok for char.enter or map.enter is a hop",
    ["door", "command", "answer", ...carried],
  ),
  commandSeconds: histogram(
    "sallyport_client_command_seconds",
    "time from the turn of a command until its answer is written",
    ["door", "command", ...carried],
  ),
  gatewayRoutes: counter(
    "sallyport_gateway_routes_total",
    "clients led to a server: to the owner of the character, to any server, or to nobody",
    ["door", "outcome"],
  ),
  gatewayRouteSeconds: histogram(
    "sallyport_gateway_route_seconds",
    "time from the first packet until the connection to a server is open",
    ["door"],
  ),
  gatewayUnreached: counter("sallyport_gateway_unreached_total", "connections that a server did not accept", [
    "door",
  ]),
  gatewayWaitingBytes: gauge(
    "sallyport_gateway_waiting_bytes",
    "bytes that one end of a connection has sent and the other end has not read yet",
    [],
  ),
  frontSteps: counter(
    "sallyport_front_steps_total",
    "what a front asked of servers for its clients, by protocol, step and answer: ok or the refusal",
    ["protocol", "step", "answer"],
  ),
  players: gauge("sallyport_players", "characters held by this map-server", []),
  mapPlayers: gauge(
    "sallyport_map_players",
    "characters on a map, or expected there, for every map that this map-server hosts",
    ["map"],
  ),
  mapActors: gauge(
    "sallyport_map_actors",
    "NPCs, monsters and items on a map, for every map that this map-server runs",
    ["map"],
  ),
  mapRoundSeconds: histogram(
    "sallyport_map_round_seconds",
    "time that a round of a map took: the steps that were due, what the game did at them, and the writes to clients",
    [],
  ),
  game: gauge("sallyport_game_info", "always 1; the label has the name of the game that runs", ["game"]),
  movementLate: histogram(
    "sallyport_movement_late_seconds",
    "delay of the first step of a batch after its due time; up to 0.025 by design",
    [],
  ),
  enteringSeconds: histogram(
    "sallyport_entering_seconds",
    "time from the choice of a character, or from the step onto a map of another map-server, until the map-server has it, by the char-server's clock; characters that never arrive are not counted",
    ["from"],
  ),
  worldPlayers: gauge("sallyport_world_players", "characters in this char-server's world", []),
  links: gauge("sallyport_links", "inter-server links that are up, by kind of the server at the other end", [
    "with",
  ]),
  linksExpected: {
    ...gauge(
      "sallyport_links_expected",
      "links that there should be. At the end that connects: one. At a login-server: one for each of CHAR_SERVERS, even if some are linked to another login-server. At a char-server: one for each map-server that is linked or may come back",
      ["with"],
    ),
    together: "max",
  },
  linkRequests: counter(
    "sallyport_link_requests_total",
    "requests of other servers, by answer: ok, the refusal, or dropped because it came too late",
    ["with", "request", "answer"],
  ),
  linkRequestSeconds: histogram(
    "sallyport_link_request_seconds",
    "time from such a request until its answer",
    ["with", "request"],
  ),
  passwordsWaiting: gauge("sallyport_passwords_waiting", "passwords that wait to be hashed", []),
  passwordsHashing: gauge("sallyport_passwords_hashing", "passwords that are being hashed", []),
  passwordWaitSeconds: histogram(
    "sallyport_password_wait_seconds",
    "time that a password waited to be hashed",
    [],
  ),
  passwordHashSeconds: histogram(
    "sallyport_password_hash_seconds",
    "time that the hashing of a password took",
    [],
  ),
  passwordsRefused: counter(
    "sallyport_passwords_refused_total",
    "passwords not hashed because too many waited",
    [],
  ),
  loginsRemembered: counter("sallyport_logins_remembered_total", "raw logins that cost no hash", []),
  addressesBanned: counter(
    "sallyport_addresses_banned_total",
    "addresses that this server banned for a while, because they sent too many wrong passwords",
    [],
  ),
  loginsHeldBack: counter(
    "sallyport_logins_held_back_total",
    "attempts refused by a limit: name or address (too many wrong passwords, or too many under way), offers (too many salts without a right proof), registrations (too many new accounts of an address)",
    ["by"],
  ),
  mailsLeftOut: counter(
    "sallyport_mails_left_out_total",
    "letters not sent because too many waited, from one address or in all",
    [],
  ),
  storeSeconds: histogram("sallyport_store_seconds", "time until a store answered: locks or database", [
    "store",
    "operation",
  ]),
  storeErrors: counter(
    "sallyport_store_errors_total",
    "operations that a store did not answer, or that failed",
    ["store", "operation"],
  ),
  sweeps: counter("sallyport_sweeps_total", "sweeps of the locks that are due, by outcome: done or failed", [
    "outcome",
  ]),
  locks: {
    ...gauge(
      "sallyport_locks",
      "locks in the store that are not free, by kind and state (`unreadable`: not a lock); the count is up to a minute old. Every server that reaches the store counts all of them: take the maximum",
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
    "saves of characters, by answer: ok or the refusal; lock-lost is a stale save that was kept out",
    ["answer"],
  ),
  scores: counter(
    "sallyport_scores_total",
    "scores that games submitted, by answer: ok or the refusal; lock-lost is a score of an earlier owner",
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
  /** `read` returns the present value. It is called each time the metrics are read. */
  watch<N extends NameOf<"gauge">>(name: N, labels: LabelsOf<N>, read: () => number): void;
  /** Watches a gauge whose label values are not known before. */
  watchEach<N extends NameOf<"gauge">>(
    name: N,
    read: () => Iterable<readonly [labels: LabelsOf<N>, value: number]>,
  ): void;
}

export const noMetrics: Metrics = { count() {}, observe() {}, watch() {}, watchEach() {} };

/**
 * Keeps a count for each combination of labels. A combination that was once counted is always reported, even
 * if its count is 0 now.
 */
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

export const answerLabel = (answer: { readonly ok: boolean; readonly refusal?: string }): string =>
  answer.ok ? "ok" : (answer.refusal ?? "refused");
