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
  const { isSecure, webSocket } = login.native;
  const aSeries = login.aSeries ?? null;
  const token = login.token ?? null;
  const leaderboards = shownOfResource(resource);
  const tries = [
    ...Object.entries(front.tries).map(([protocol, how]) => triesOf(protocol, [how])),
    ...(login.ragnarok === null || !registersRagnarok
      ? []
      : triesOf("ragnarok", tryRagnarok(login.ragnarok))),
    ...(aSeries === null ? [] : triesOf("a-series", tryASeries(aSeries))),
    ...(token === null ? [] : triesOf("token", tryToken(token))),
    ...(tokenHttp === null ? [] : triesOf("token keys", [`curl ${tokenHttp.url}${jwksPath}`])),
    ...triesOf("leaderboards", leaderboards.tries),
    ...(token === null || resource === null || resource.tcp === null
      ? []
      : triesOf("boards", tryBoards(token, resource.tcp))),
  ].flat();
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
    ...(tries.length === 0 ? [] : ["  Or try one of the other doors from there:", ...tries]),
    "  Ctrl-C saves all players and stops it.",
  ].join("\n");
}

const at = ({ address }: Pick<OpenDoor, "address">): string => hostAndPort(address);
const hostOptions = ({ address: { host, port } }: Pick<OpenDoor, "address">): string =>
  `--host ${host} --port ${port}`;

/** The name of the door stands before the first of its lines. */
const triesOf = (door: string, lines: readonly string[]): readonly string[] =>
  lines.map((each, nth) => `    ${(nth === 0 ? door : "").padEnd(14)}${each}`);

const tryRagnarok = (door: Pick<OpenDoor, "address">): readonly string[] => [
  `npm run ragnarok-load -- --total 1 --register --create --walk --stay 10 --login ${at(door)}`,
];
const tryASeries = (door: Pick<OpenDoor, "address">): readonly string[] => [
  `npm run a-series -- --register ${hostOptions(door)}`,
];
const tryToken = (door: OpenDoors["token"] & object): readonly string[] => [
  `npm run token -- ${hostOptions(door)}${door.isSecure ? " --tls" : ""}`,
  "(with an account that one of the others has made)",
];

/** The client has to know both servers once. */
function tryBoards(
  token: OpenDoors["token"] & object,
  leaderboards: ResourceTier["tcp"] & object,
): readonly string[] {
  const placeOf = (door: typeof leaderboards): string => `${token.isSecure ? "tls://" : ""}${at(door)}`;
  return [
    `npm run boards -- auth-server here ${placeOf(token)}`,
    `npm run boards -- add-server here ${placeOf(leaderboards)}`,
    "npm run boards -- list --as NAME",
  ];
}
