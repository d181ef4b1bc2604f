import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { charTierSettings } from "@sallyport/char-server";
import { startEmbeddedPostgres } from "@sallyport/database/embedded";
import { frontTierSettings, protocolFolders } from "@sallyport/front";
import { loginTierSettings, tokenSettings } from "@sallyport/login-server";
import { checkMail, mailSettings } from "@sallyport/mail";
import { mapTierSettings } from "@sallyport/map-server";
import { resourceTierSettings } from "@sallyport/resource-server";
import {
  doorTlsSettings,
  type Environment,
  givenText,
  readDoorTls,
  readSettings,
  readTiming,
  readTogether,
  timingSettings,
} from "@sallyport/server-kit";
import { gameSettings, readGame } from "../game/game-settings.ts";
import { runGame } from "../game/run-game.ts";
import { watchCertificates } from "../process/certificates.ts";
import { operationSettings } from "../process/operation.ts";
import type { Running, Shell } from "../process/shell.ts";
import { Stops } from "../process/stops.ts";
import { attemptSettings } from "../stores/attempts.ts";
import { checkDataFolder } from "../stores/data-folder.ts";
import { adminCredentialSettings, readAdmin } from "../stores/operator-credentials.ts";
import {
  readDatabaseUrl,
  readRedis,
  resourceStoreSettings,
  storeSettings,
} from "../stores/store-settings.ts";
import { openProcessStores } from "../stores/stores.ts";
import { trailSettings } from "../stores/trail.ts";
import { aSeriesSettings } from "../tiers/a-series-door.ts";
import { openCharTier, worldOrders } from "../tiers/char-tier.ts";
import { checkRooms, inwardInMemory, openFrontTier, readProtocols } from "../tiers/front-tier.ts";
import { MemoryLinks } from "../tiers/links.ts";
import { openLoginTier } from "../tiers/login-tier.ts";
import { openMapTier } from "../tiers/map-tier.ts";
import { checkSpawn, readMaps } from "../tiers/maps.ts";
import { publicAddressOf, publicChecks } from "../tiers/public-place.ts";
import { ragnarokSettings } from "../tiers/ragnarok-doors.ts";
import { checkKeys, openUpResource } from "../tiers/up-resource.ts";
import { readPage, securityHeaders } from "../web/page-files.ts";
import { openPageServer, type PageServer } from "../web/page-server.ts";
import { checkWeb, type WebTargets, webSettings, webTargets } from "../web/web-settings.ts";
import { serverCommand } from "./server-command.ts";
import { upBanner } from "./up-banner.ts";
import { upOptions } from "./up-options.ts";

/** These settings have no addresses and passwords for links, because all tiers run in one process. */
export const upProcessSettings = {
  login: {
    ...loginTierSettings,
    ...mailSettings,
    ...ragnarokSettings.login,
    ...aSeriesSettings,
    ...tokenSettings,
  },
  char: { ...charTierSettings, ...ragnarokSettings.char },
  map: { ...mapTierSettings, ...ragnarokSettings.map },
  stores: { ...storeSettings, ...adminCredentialSettings, ...trailSettings, ...attemptSettings },
  game: gameSettings(true),
  web: webSettings,
  front: frontTierSettings,
  resource: {
    ...resourceTierSettings,
    leaderboardsUrl: resourceStoreSettings.resourceDatabaseUrl,
  },
  ...Object.fromEntries(protocolFolders.map(({ name, settings }) => [`front ${name}`, settings] as const)),
};

export interface UpRunning extends Running {
  /** The terminal shows this text when all servers are up. */
  readonly banner: string;
}

/** Reads the settings. Rejects with `SettingsInvalid`. */
export const readUp = (environment: Environment) => {
  const { login, char, map, stores, game, web, front, resource } = upProcessSettings;
  const maps = readMaps(environment);
  return readTogether({
    login() {
      const settings = readSettings(login, environment);
      checkMail(settings);
      return settings;
    },
    char: () => readSettings(char, environment),
    map: () => readSettings(map, environment),
    stores: () => readSettings(stores, environment),
    async web() {
      checkWeb({ login, char, map }, environment);
      return readSettings(web, environment);
    },
    databaseUrl: () => readDatabaseUrl(stores.databaseUrl, environment),
    redis: () => readRedis(stores.redisUrl, environment),
    async maps() {
      const { hosted } = await maps;
      checkSpawn(char.spawn, environment, hosted);
      checkRooms(readProtocols(environment), hosted);
      return maps;
    },
    front: () => readSettings(front, environment),
    protocols: () => readProtocols(environment),
    resource() {
      const read = readSettings(resource, environment);
      checkKeys(read, readSettings(tokenSettings, environment));
      return { ...read, leaderboardsUrl: readDatabaseUrl(resource.leaderboardsUrl, environment) };
    },
    game: () => readGame(game, environment, maps),
    charDoor: () => readTogether(publicChecks("CHAR", char, environment)),
    mapDoor: () => readTogether(publicChecks("MAP", map, environment)),
    async dataFolder() {
      const hasDatabase = givenText(stores.databaseUrl, environment) === null;
      if (hasDatabase) await checkDataFolder(environment, { hasDatabase });
    },
    admin: () => readAdmin(environment),
    timing: () => readTiming(environment),
    doorTls: () => readDoorTls(environment),
  });
};

/** Runs all three tiers in one process, linked in memory. */
export const runUp = (
  shell: Shell,
  read: Awaited<ReturnType<typeof readUp>>,
  progress: (message: string) => void,
): Promise<UpRunning> =>
  Stops.opening(shell, async (stops) => {
    const { maps, timing, doorTls, admin } = read;
    const { redis, redisFiles } = read.redis;
    const { world } = read.char;
    const { startMs, retentionDays } = read.stores;
    const folder = resolve(read.stores.data);
    const embedded = async () => {
      await mkdir(folder, { recursive: true });
      const { url } = stops.addPart(
        await startEmbeddedPostgres({ folder, log: progress, onLost: shell.failed }),
      );
      // The embedded Postgres has only one session, even if it accepts several connections.
      return { databaseUrl: url, connections: 1 };
    };
    const database = read.databaseUrl === null ? await embedded() : { databaseUrl: read.databaseUrl };
    const stores = stops.addPart(
      await openProcessStores(shell, {
        ...{ ...database, redis, timing, startMs, admin, attempts: read.stores },
        worlds: [null, world],
        trail: { server: "up", retentionDays },
      }),
    );
    stops.add(watchCertificates(shell, doorTls, redisFiles));
    const [charLinks, mapLinks] = [new MemoryLinks(), new MemoryLinks()];
    const username = "embedded";
    const password = Buffer.from(shell.randomBytes(32)).toString("hex");
    const charServers = new Map([[username, password]]);
    const login = stops.addPart(
      await openLoginTier(shell, {
        settings: read.login,
        stores,
        timing,
        doorTls,
        charServers,
        listen: charLinks.listen,
      }),
    );
    const char = stops.addPart(
      await openCharTier(shell, {
        settings: read.char,
        stores,
        timing,
        doorTls,
        credentials: { username, password },
        connectLogin: () => charLinks.connect("char-server"),
        listen: mapLinks.listen,
      }),
    );
    const game = read.game && stops.addPart(runGame(shell, "up", read.game));
    const map = stops.addPart(
      await openMapTier(shell, {
        settings: read.map,
        maps,
        game: game?.played,
        doorTls,
        credentials: { server: "map-1", username, password },
        connectChar: () => mapLinks.connect("map-server"),
      }),
    );
    game?.reloadInto(map.server);
    await char.server.start();
    await map.server.start();
    // All links are up only now. If the servers were published earlier, the links would seem to be down at
    // first.
    login.publish();
    char.publish();
    const next = [publicAddressOf(read.char, char.doors), publicAddressOf(read.map, map.doors)];
    const page = await openPage(webTargets(read.web, login.doors.native, next), read);
    if (page !== null) stops.addPart(page);
    const inward = inwardInMemory({
      login: (channel) => login.server.acceptClient(channel),
      char: (channel) => char.server.acceptClient(channel),
      map: (channel) => map.server.acceptClient(channel),
    });
    const front = stops.addPart(
      await openFrontTier(shell, { settings: read.front, protocols: read.protocols, inward, tls: doorTls }),
    );
    const { leaderboardsUrl } = read.resource;
    const resource = await openUpResource(shell, {
      ...{ accounts: stores.database, leaderboardsUrl: leaderboardsUrl ?? database.databaseUrl, startMs },
      isEmbedded: leaderboardsUrl === null && read.databaseUrl === null,
      ...{ settings: read.resource, tokens: login.server.tokens, doorTls },
    });
    if (resource !== null) stops.addPart(resource);
    const banner = upBanner({
      front,
      resource,
      tokenHttp: login.tokenHttp,
      registersRagnarok: read.login.registration,
      page: page?.url ?? null,
      doors: { login: login.doors, char: char.doors, map: map.doors },
      maps: [...maps.hosted.keys()],
      game: read.game,
      data: read.databaseUrl === null ? folder : "DATABASE_URL",
      locks: redis === null ? "this process" : "REDIS_URL",
    });
    const checks = {
      "linked to the login-server": () => char.server.isLinked,
      "linked to the char-server": () => map.server.isLinked,
      ...stores.checks,
      ...resource?.checks,
    };
    return {
      banner,
      stop: stops.stop,
      checks,
      operators: stores.operators.serve({ login: login.server, world: worldOrders(char.server, world) }),
      unsaved: () => map.server.charIds,
      logWhoIsIn: () => login.server.logWhoIsIn(),
    };
  });

/** Serves the page. Resolves to null if WEB_PORT is empty. */
async function openPage(
  targets: WebTargets,
  { web: { host, port }, doorTls }: Awaited<ReturnType<typeof readUp>>,
): Promise<PageServer | null> {
  if (port === null) return null;
  const [files, headers] = [await readPage(targets), securityHeaders(targets)];
  return openPageServer({ host, port, files, headers, tls: doorTls });
}

export const upCommand = serverCommand({
  settings: [...Object.values(upProcessSettings), doorTlsSettings, timingSettings],
  operation: operationSettings("warn"),
  options: upOptions,
  read: readUp,
  async run(shell, settings) {
    const up = await runUp(shell, settings, (message) => process.stderr.write(`${message}\n`));
    process.stdout.write(`\n${up.banner}\n\n`);
    return up;
  },
});
