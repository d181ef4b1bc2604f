import type { PublicAddress } from "@sallyport/domain";
import {
  about,
  type Environment,
  type OpenDoor,
  optionalPortSetting,
  readSettings,
  type Setting,
  SettingsInvalid,
  type SettingValues,
  textSetting,
  webSocketUrl,
  webSocketUrlSetting,
} from "@sallyport/server-kit";
import { withPreset } from "../tiers/with-preset.ts";

/* The page for browsers, which the process of all servers can serve. */

export const webSettings = about("web", {
  host: textSetting("WEB_HOST", "Address on which the page for browsers is served.", {
    fallback: "127.0.0.1",
  }),
  port: optionalPortSetting(
    "WEB_PORT",
    "Port on which the page for browsers is served, usually 7080. 0 picks a free port; empty serves no page. The page needs LOGIN_WS_PORT, CHAR_WS_PORT and MAP_WS_PORT.",
    "WEB_HOST",
  ),
  loginUrl: webSocketUrlSetting(
    "WEB_LOGIN_URL",
    "URL at which the page connects to the login-server over WebSocket, like wss://play.example.org/login. If this setting is empty, the URL is built from LOGIN_HOST and LOGIN_WS_PORT.",
  ),
});

/**
 * Adds the settings that `--web` chooses. If the environment also contains a setting, its value there is used.
 */
export function withWeb(environment: Environment): Environment {
  const preset: Environment = {
    WEB_PORT: "7080",
    LOGIN_WS_PORT: "7102",
    CHAR_WS_PORT: "7202",
    MAP_WS_PORT: "7302",
  };
  return withPreset(preset, environment);
}

interface WebSocketDoor {
  readonly host: Setting<string>;
  readonly wsPort: Setting<number | null>;
}

/** Throws `SettingsInvalid` if a page would be served that cannot connect. */
export function checkWeb(
  doors: Readonly<Record<"login" | "char" | "map", WebSocketDoor>>,
  environment: Environment,
): void {
  const { port, loginUrl: url } = readSettings(webSettings, environment);
  if (port === null) return;
  const closed = Object.values(doors).flatMap((door) => {
    const { wsPort } = readSettings({ wsPort: door.wsPort }, environment);
    return wsPort === null
      ? [`${door.wsPort.variable} must be set: the page on WEB_PORT connects to it`]
      : [];
  });
  const { host } = readSettings({ host: doors.login.host }, environment);
  const isNowhere = url === null && (host === "0.0.0.0" || host === "::");
  const nowhere = isNowhere ? [`WEB_LOGIN_URL must be set: the page cannot connect to ${host}`] : [];
  if (closed.length + nowhere.length > 0) throw new SettingsInvalid([...closed, ...nowhere]);
}

/** The URLs to which the page connects. */
export interface WebTargets {
  readonly loginUrl: string;
  /** The URLs of all doors, for clients of all networks. */
  readonly doorUrls: readonly string[];
}

export function webTargets(
  { loginUrl: given }: SettingValues<typeof webSettings>,
  login: OpenDoor,
  next: readonly PublicAddress[],
): WebTargets {
  const own = login.webSocket === null ? "" : webSocketUrl(login.webSocket, login.isSecure);
  const urls = next.flatMap(({ wsUrl, near }) => [wsUrl, ...near.map((each) => each.wsUrl)]);
  const loginAt = given ?? own;
  return { loginUrl: loginAt, doorUrls: [loginAt, ...urls.filter((url) => url !== null)] };
}
