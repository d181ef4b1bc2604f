import { jwksPath } from "@sallyport/identity-token";
import { hostAndPort } from "@sallyport/link/addresses";
import { loginTierSettings } from "@sallyport/login-server";
import { type OpenDoor, webSocketUrl } from "@sallyport/server-kit";
import type { ReadGame } from "../game/game-settings.ts";
import type { OpenHttp } from "../process/open-http.ts";
import type { OpenDoors } from "../tiers/doors.ts";
import type { FrontTier } from "../tiers/front-tier.ts";
import type { ResourceTier } from "../tiers/resource-tier.ts";
import { shownOfResource } from "../tiers/up-resource.ts";

/** What the terminal shows when all servers are up: where they are, and how to try them. */
export function upBanner({
  front,
  resource,
  tokenHttp,
  registersRagnarok,
  page,
  doors: { login, char, map },
  maps,
  game,
  data,
  locks,
}: {
  readonly registersRagnarok: boolean;
  readonly resource: Pick<ResourceTier, "tcp" | "http"> | null;
  readonly tokenHttp: Pick<OpenHttp, "url"> | null;
  readonly front: Pick<FrontTier, "doors" | "tries">;
  readonly page: string | null;
  readonly doors: Readonly<Record<"login" | "char" | "map", OpenDoors>>;
  readonly maps: readonly string[];
  readonly game: ReadGame | null;
  readonly data: string;
  readonly locks: string;
}): string {
  const at = ({ address }: Pick<OpenDoor, "address">): string => hostAndPort(address);
  const { isSecure, webSocket } = login.native;
  const load = "npm run ragnarok-load -- --total 1 --register --create --walk --stay 10";
  const ofRagnarok =
    login.ragnarok === null || !registersRagnarok
      ? {}
      : {
          ragnarok: `${load} --login ${at(login.ragnarok)}`,
        };
  const aSeries = login.aSeries ?? null;
  const ofASeries =
    aSeries === null
      ? {}
      : {
          aSeries: `npm run a-series -- --register --host ${aSeries.address.host} --port ${aSeries.address.port}`,
        };
  const token = login.token ?? null;
  const ofTokens = {
    ...(token !== null && {
      token: `npm run token -- --host ${token.address.host} --port ${token.address.port}${token.isSecure ? " --tls" : ""}   (with an account that one of the others has made)`,
    }),
    ...(tokenHttp !== null && { tokenKeys: `curl ${tokenHttp.url}${jwksPath}` }),
  };
  const leaderboards = shownOfResource(resource);
  const tries = [
    ...Object.values({ ...front.tries, ...ofRagnarok, ...ofASeries, ...ofTokens }),
    ...leaderboards.tries,
    ...(token === null || resource === null || resource.tcp === null ? [] : [tryBoards(token, resource.tcp)]),
  ];
  const usual = `tcp://${loginTierSettings.host.fallback}:${loginTierSettings.port.fallback}`;
  const url = `${isSecure ? "tls" : "tcp"}://${at(login.native)}`;
  return [
    "Sallyport is up.",
    `  login ${at(login.native)}   char ${at(char.native)}   map ${at(map.native)}   (${maps.join(", ")})`,
    ...(login.ragnarok === null ? [] : [`  for Ragnarok clients, login ${at(login.ragnarok)}`]),
    ...(aSeries === null ? [] : [`  for A-series clients, login ${at(aSeries)}`]),
    ...(token === null ? [] : [`  for identity tokens, login ${at(token)}`]),
    ...(tokenHttp === null ? [] : [`  keys of identity tokens: ${tokenHttp.url}`]),
    ...(webSocket === null ? [] : [`  over WebSocket, login ${webSocketUrl(webSocket, isSecure)}`]),
    ...Object.entries(front.doors).map(
      ([protocol, { clients }]) => `  ${`${protocol} protocol:`.padEnd(24)} ${hostAndPort(clients)}`,
    ),
    ...leaderboards.places.map((each) => `  ${each}`),
    ...(game === null ? [] : [`  game:                    ${game.game.definition.name}, ${game.module}`]),
    `  accounts and characters: ${data}`,
    `  locks and timers:        ${locks}`,
    "",
    ...(page === null ? [] : [`  Play in a browser:           ${page}`]),
    `  Join from another terminal:  npm run play${url === usual ? "" : ` -- --url ${url}`}`,
    ...tries.map((each) => `  Or from another terminal:    ${each}`),
    "  Ctrl-C saves all players and stops it.",
  ].join("\n");
}

/** The client has to know both servers once. */
function tryBoards(token: OpenDoors["token"] & object, leaderboards: ResourceTier["tcp"] & object): string {
  const at = ({ address }: typeof leaderboards): string =>
    `${token.isSecure ? "tls://" : ""}${hostAndPort(address)}`;
  const known = `npm run boards -- auth-server here ${at(token)}; npm run boards -- add-server here ${at(leaderboards)}`;
  return `${known}; npm run boards -- list --as NAME`;
}
