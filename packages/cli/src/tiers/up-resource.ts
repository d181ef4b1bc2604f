import type { Database } from "@sallyport/database";
import { jwksPath, revocationsPath, type TokenFeedOptions } from "@sallyport/identity-token";
import { hostAndPort } from "@sallyport/link/addresses";
import type { TlsSource } from "@sallyport/link/tcp";
import type { PublishedTokens, tokenSettings } from "@sallyport/login-server";
import { migrateResources, type resourceTierSettings, usualResourcePorts } from "@sallyport/resource-server";
import { SettingsInvalid, type SettingValues } from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import { Stops } from "../process/stops.ts";
import { openMigratedDatabase } from "../stores/open-database.ts";
import { openResourceTier, type ResourceTier } from "./resource-tier.ts";

/* The resource-server in the process of all servers. */

type ResourceSettings = SettingValues<typeof resourceTierSettings>;
type Tokens = Pick<SettingValues<typeof tokenSettings>, "tokenPort" | "tokenHttpPort" | "tokenAudiences">;

/** The settings that `--all-doors` chooses. */
export const resourcePreset = {
  RESOURCE_PORT: String(usualResourcePorts.tcp),
  RESOURCE_HTTP_PORT: String(usualResourcePorts.http),
} as const;

const isWanted = ({ port, httpPort }: ResourceSettings): boolean => port !== null || httpPort !== null;

/** Throws `SettingsInvalid` if the resource-server could never verify a token. */
export function checkKeys(
  settings: ResourceSettings,
  { tokenPort, tokenHttpPort, tokenAudiences }: Tokens,
): void {
  if (!isWanted(settings) || settings.keysUrl !== null) return;
  if (tokenPort === null && tokenHttpPort === null)
    throw new SettingsInvalid([
      "RESOURCE_PORT and RESOURCE_HTTP_PORT need identity tokens: set TOKEN_PORT, TOKEN_HTTP_PORT or TOKEN_KEYS_URL",
    ]);
  const { audience } = settings;
  if (!tokenAudiences.includes(audience))
    throw new SettingsInvalid([`RESOURCE_AUDIENCE: ${audience} is not one of TOKEN_AUDIENCES`]);
}

/** Asks the login-server of this process, without a port. */
const inProcess = (tokens: PublishedTokens): Pick<TokenFeedOptions, "url" | "fetch"> => ({
  url: "http://in-process",
  async fetch(asked) {
    const { pathname } = new URL(new Request(asked).url);
    if (pathname === jwksPath) return Response.json(await tokens.keys());
    return pathname === revocationsPath
      ? new Response(await tokens.revocations())
      : new Response(null, { status: 404 });
  },
});

export interface UpResourceNeeds {
  readonly settings: ResourceSettings;
  /** The database of the accounts. */
  readonly accounts: Database;
  readonly leaderboardsUrl: string;
  /** Whether that is the embedded database. It has only one session, in which the statements of all servers take turns. */
  readonly isEmbedded: boolean;
  readonly startMs: number;
  /** Null: the login-server of this process gives no tokens. */
  readonly tokens: PublishedTokens | null;
  readonly doorTls: TlsSource | null;
}

/**
 * The leaderboards have connections of their own, even to the database of the accounts. Statements are pipelined, so
 * a save would otherwise wait behind a list or a proof, for up to the time that a statement may take.
 */
const connections = 2;

/** Resolves to null if neither of its ports is to be opened. */
export async function openUpResource(
  shell: Shell,
  { settings, accounts, leaderboardsUrl, isEmbedded, startMs, tokens, doorTls }: UpResourceNeeds,
): Promise<ResourceTier | null> {
  const keys =
    settings.keysUrl !== null ? { url: settings.keysUrl } : tokens === null ? null : inProcess(tokens);
  if (!isWanted(settings) || keys === null) return null;
  return Stops.opening(shell, async (stops) => {
    let leaderboards = accounts;
    if (isEmbedded) await migrateResources(leaderboardsUrl, (message) => shell.log.info({}, message));
    else {
      const needs = { databaseUrl: leaderboardsUrl, connections, startMs };
      leaderboards = await openMigratedDatabase(shell, needs, [migrateResources]);
      stops.add(() => leaderboards.close());
    }
    const databases = { accounts, leaderboards };
    const tier = stops.addPart(await openResourceTier(shell, { settings, databases, keys, doorTls }));
    return { ...tier, stop: stops.stop };
  });
}

interface ForTerminal {
  /** Where it can be reached. */
  readonly places: readonly string[];
  /** How to try it over HTTP, in lines. */
  readonly tries: readonly string[];
}

/** What the terminal shows of it. */
export function shownOfResource(tier: Pick<ResourceTier, "tcp" | "http"> | null): ForTerminal {
  if (tier === null) return { places: [], tries: [] };
  const { tcp, http } = tier;
  return {
    places: [
      ...(tcp === null ? [] : [`leaderboards:            ${hostAndPort(tcp.address)}`]),
      ...(http === null ? [] : [`leaderboards over HTTP:  ${http.url}`]),
    ],
    tries:
      http === null
        ? []
        : [
            `curl -H 'authorization: Bearer TOKEN' ${http.url}/leaderboards`,
            "(with a token from npm run token)",
          ],
  };
}
