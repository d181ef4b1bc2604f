import { unlimited } from "@sallyport/authentication";
import type { TlsSource } from "@sallyport/link/tcp";
import type { LockTiming } from "@sallyport/lock-core";
import {
  createLoginServer,
  type LoginServer,
  type loginTierSettings,
  type PublishedTokens,
  type tokenSettings,
} from "@sallyport/login-server";
import { createPost, type mailSettings } from "@sallyport/mail";
import type { SettingValues } from "@sallyport/server-kit";
import type { OpenHttp } from "../process/open-http.ts";
import type { Shell } from "../process/shell.ts";
import { stopInOrder } from "../process/stops.ts";
import { loginSecret } from "../stores/login-secret.ts";
import { measuredHasher } from "../stores/measured.ts";
import type { ProcessStores } from "../stores/stores.ts";
import { aSeriesPlace, type aSeriesSettings } from "./a-series-door.ts";
import { openDoors } from "./doors.ts";
import { type LinkedTier, linkedTier } from "./linked-tier.ts";
import type { LinkListener, ListenForLinks } from "./links.ts";
import { innerDoors } from "./presence.ts";
import type { ragnarokSettings } from "./ragnarok-doors.ts";
import { tokenIssuerOf, tokenPlace } from "./token-doors.ts";
import { openTokenHttp } from "./token-http.ts";

export interface LoginNeeds<Listener extends LinkListener> {
  readonly settings: SettingValues<
    typeof loginTierSettings &
      typeof mailSettings &
      typeof ragnarokSettings.login &
      typeof aSeriesSettings &
      typeof tokenSettings
  >;
  readonly stores: ProcessStores;
  readonly timing: LockTiming;
  readonly doorTls: TlsSource | null;
  /** Passwords of char-servers by username. */
  readonly charServers: ReadonlyMap<string, string>;
  readonly listen: ListenForLinks<Listener>;
}

export interface LoginTier<Listener extends LinkListener> extends LinkedTier<LoginServer, "login", Listener> {
  /** Null: TOKEN_HTTP_PORT is empty. */
  readonly tokenHttp: Pick<OpenHttp, "address" | "url"> | null;
}

export async function openLoginTier<Listener extends LinkListener>(
  shell: Shell,
  { settings, stores, timing, doorTls, charServers, listen }: LoginNeeds<Listener>,
): Promise<LoginTier<Listener>> {
  const { database, directory, accounts, mailTokens, networkBans, attempts, isExempt, trail } = stores;
  const clusterSecret = await loginSecret(database);
  const server = createLoginServer(shell, {
    authentication: settings,
    limitsFor: (host) => (isExempt?.(host) ? unlimited : attempts.limits),
    clientBounds: settings,
    linkBounds: settings,
    secondLogin: settings.secondLogin,
    clientVersions: settings.clientVersions,
    sendLetter: sendLetterBy(settings),
    directory,
    timing,
    accounts,
    mailTokens,
    networkBans,
    store: stores.locksOf(null),
    hasher: measuredHasher(settings, shell.metrics),
    clusterSecret,
    charServers,
    trail,
    tokens: tokenIssuerOf(settings, stores.tokens),
  });
  const links = await listen((channel) => server.acceptCharServer(channel));
  const doors = await openDoors(shell, "login", settings, doorTls, {
    aSeries: aSeriesPlace(settings, clusterSecret),
    token: tokenPlace(settings),
  });
  doors.serve(server.acceptClient);
  const self = {
    kind: "login",
    name: settings.server,
    world: null,
    publicDoor: null,
    innerDoors: innerDoors(settings, doors),
  } as const;
  const tokenHttp = await openKeys(shell, settings, { doorTls, tokens: server.tokens });
  const tier = linkedTier(shell, directory, self, { server, doors, links });
  return {
    ...tier,
    tokenHttp,
    stop: (how) =>
      stopInOrder(
        () => tokenHttp?.stop(),
        () => tier.stop(how),
      ),
  };
}

const openKeys = async (
  { failed }: Shell,
  { host, tokenHttpPort: port }: Pick<LoginNeeds<LinkListener>["settings"], "host" | "tokenHttpPort">,
  { doorTls: tls, tokens }: { readonly doorTls: TlsSource | null; readonly tokens: PublishedTokens | null },
): Promise<OpenHttp | null> =>
  port === null || tokens === null ? null : openTokenHttp({ host, port, tls }, { tokens, failed });

const sendLetterBy = ({ smtpUrl, mailFrom, mailLink }: SettingValues<typeof mailSettings>) =>
  smtpUrl === null || mailFrom === null ? null : createPost({ smtpUrl, from: mailFrom, link: mailLink });
