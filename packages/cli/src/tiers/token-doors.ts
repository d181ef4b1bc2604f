import type { TokenStore } from "@sallyport/database";
import { tokenDoor } from "@sallyport/dialects/token";
import { keysUnder, plainKeys } from "@sallyport/identity-token/issuing";
import { type TokenIssuerDeps, type tokenSettings, usualTokenPorts } from "@sallyport/login-server";
import type { SettingValues } from "@sallyport/server-kit";

/* Identity tokens: the door where clients get them, and the settings of the login-server that gives them. */

type TokenSettings = SettingValues<typeof tokenSettings>;

/** The settings that `--all-doors` chooses. */
export const tokenPreset = {
  TOKEN_PORT: String(usualTokenPorts.door),
  TOKEN_HTTP_PORT: String(usualTokenPorts.http),
} as const;

export const tokenPlace = ({ tokenPort, tokenTls }: TokenSettings) => ({
  ...{ port: tokenPort, dialect: tokenDoor },
  mayBeSecure: tokenTls,
});

const dayMs = 86_400_000;

/** Null: neither port is to be opened, so there is no key either. */
export function tokenIssuerOf(
  {
    tokenPort,
    tokenHttpPort,
    tokenAudiences: audiences,
    tokenLifeMs: lifeMs,
    tokenKeyDays,
    tokenKeysPassword,
  }: TokenSettings,
  store: TokenStore,
): TokenIssuerDeps | null {
  if (tokenPort === null && tokenHttpPort === null) return null;
  const seal = tokenKeysPassword === null ? plainKeys : keysUnder(tokenKeysPassword);
  return { store, seal, audiences, lifeMs, keyLifeMs: tokenKeyDays * dayMs };
}
