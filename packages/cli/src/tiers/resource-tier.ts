import { getRequestListener } from "@hono/node-server";
import {
  createNetworkBans,
  createScoreOutbox,
  createWriteProof,
  type Database,
  migrate,
} from "@sallyport/database";
import { TokenFeed, type TokenFeedOptions } from "@sallyport/identity-token";
import { listenTcp, remoteOf, type TcpListener, type TlsSource } from "@sallyport/link/tcp";
import { forwardedFor } from "@sallyport/link/websocket";
import {
  createResourceStore,
  migrateResources,
  ResourceServer,
  type resourceTierSettings,
  ScoreTaker,
} from "@sallyport/resource-server";
import { listenOptions, Refusals, type SettingValues } from "@sallyport/server-kit";
import type { Checks } from "../process/admin-port.ts";
import { type OpenHttp, openHttp, usualSilenceMs } from "../process/open-http.ts";
import { programVersion } from "../process/program-version.ts";
import type { Shell } from "../process/shell.ts";
import { Stops } from "../process/stops.ts";
import { openMigratedDatabase } from "../stores/open-database.ts";
import { keepAliveMs } from "./doors.ts";

/* The resource-server with its ports, in a process of its own or in that of all servers. */

export interface ResourceNeeds {
  readonly settings: SettingValues<Omit<typeof resourceTierSettings, "keysUrl">>;
  readonly databases: ResourceDatabases;
  /** Where keys and revocations are. */
  readonly keys: Pick<TokenFeedOptions, "url" | "fetch">;
  readonly doorTls: TlsSource | null;
}

export interface ResourceTier {
  readonly server: ResourceServer;
  /** Null: this port is not open. */
  readonly tcp: Pick<TcpListener, "address"> | null;
  readonly http: Pick<OpenHttp, "address" | "url"> | null;
  readonly checks: Checks;
  stop(): Promise<void>;
}

/** A proof of several megabytes may come over a slow line. */
const httpBounds = { connectionsMax: 1_000, requestMs: 60_000, silenceMs: usualSilenceMs } as const;

export interface ResourceDatabases {
  readonly leaderboards: Database;
  /** That of the login-servers. Null: this process does not know it. */
  readonly accounts: Database | null;
}

/** Waits for Postgres, and migrates it. At least one of the two URLs is not null. */
export async function openResourceDatabases(
  shell: Shell,
  stops: Stops,
  {
    accountsUrl,
    leaderboardsUrl,
    startMs,
  }: {
    readonly accountsUrl: string | null;
    readonly leaderboardsUrl: string | null;
    readonly startMs: number;
  },
): Promise<ResourceDatabases> {
  const open = async (databaseUrl: string, migrations: Parameters<typeof openMigratedDatabase>[2]) => {
    const opened = await openMigratedDatabase(shell, { databaseUrl, startMs }, migrations);
    stops.add(() => opened.close());
    return opened;
  };
  const isShared = leaderboardsUrl === null;
  const accounts =
    accountsUrl === null ? null : await open(accountsUrl, isShared ? [migrate, migrateResources] : [migrate]);
  const own = leaderboardsUrl === null ? null : await open(leaderboardsUrl, [migrateResources]);
  const leaderboards = own ?? accounts;
  if (leaderboards === null) throw new Error("there is no database for the leaderboards");
  return { accounts, leaderboards };
}

/** Opens the ports. Rejects with an error that names a port that cannot be opened. */
export const openResourceTier = (
  shell: Shell,
  { settings, databases, keys, doorTls }: ResourceNeeds,
): Promise<ResourceTier> =>
  Stops.opening(shell, async (stops) => {
    const { clock, wallMs, log, failed } = shell;
    const { host, port, httpPort, audience, longRequestsMax, unverifiedMax, proofBytesMax } = settings;
    const feed = stops.addPart(
      new TokenFeed({
        ...{ url: keys.url, clock, wallMs },
        ...(keys.fetch !== undefined && { fetch: keys.fetch }),
        observer: {
          failed({ path, why: cause }) {
            const why = `${path}: ${cause}`;
            log.warn({ why }, "keys or revocations of tokens cannot be fetched");
          },
        },
      }),
    );
    await feed.look();
    const server = new ResourceServer(shell, {
      ...{ identities: feed, audience, longRequestsMax, version: programVersion },
      bounds: settings,
      store: createResourceStore(databases.leaderboards, { unverifiedMax, proofBytesMax }),
      networkBans: databases.accounts && createNetworkBans(databases.accounts),
    });
    const { accounts, leaderboards } = databases;
    if (accounts !== null) {
      const outbox = createScoreOutbox(accounts);
      const scores = stops.addPart(new ScoreTaker(shell, { outbox, database: leaderboards }));
      scores.start();
    }
    const refusals = new Refusals(shell, { door: "resource" });
    const listening = { ...listenOptions(settings, refusals), keepAliveMs };
    const tcp =
      port === null
        ? null
        : await listenTcp({ host, port }, (channel) => server.accept(channel), {
            ...listening,
            ...(doorTls !== null && { tls: { source: doorTls } }),
          });
    if (tcp !== null) stops.addPart(tcp);
    const isProxy = settings.isProxy ?? (() => false);
    const listener = getRequestListener(
      (request, { incoming: { socket }, outgoing }) =>
        server.app.fetch(
          request,
          forwardedFor(request.headers.get("x-forwarded-for") ?? undefined, remoteOf(socket), isProxy),
          new Promise((resolve) => outgoing.once("close", resolve)),
        ),
      { overrideGlobalObjects: false },
    );
    const place = { variable: "RESOURCE_HTTP_PORT", host, tls: doorTls };
    const opened =
      httpPort === null
        ? null
        : await openHttp(
            { ...place, port: httpPort },
            (request, response) => {
              response.once("close", server.beginHttp());
              listener(request, response).catch(failed);
            },
            httpBounds,
          );
    if (opened !== null) stops.addPart(opened);
    // The last part stops first: requests that are under way get their answers before the ports close.
    stops.addPart(server);
    return {
      server,
      tcp,
      http: opened,
      checks: {
        "the database of the leaderboards takes writes": createWriteProof(
          databases.leaderboards,
          undefined,
          "resource.write_proofs",
        ),
        "it is known which tokens were revoked": () => feed.isFresh(),
      },
      stop: stops.stop,
    };
  });

/** Returns fields for the log line that says that a server is ready. */
export const describeResource = ({ tcp, http }: Pick<ResourceTier, "tcp" | "http">) => ({
  ...(tcp === null ? {} : { clients: tcp.address }),
  ...(http === null ? {} : { http: http.address }),
});
