import {
  type AttemptLimits,
  Authentication,
  createPasswordHasher,
  defaultAuthenticationSettings,
} from "@sallyport/authentication";
import type { AccountStore } from "@sallyport/database";
import { adminSettings, type Credentials, tokenIn } from "@sallyport/operator";
import {
  about,
  type Environment,
  optionalTextSetting,
  readSettings,
  refuseWeakPasswords,
} from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import { dataFolderSetting } from "./data-folder.ts";

/** Servers that answer operators have these settings. */
export const adminCredentialSettings = about("watching", {
  adminToken: optionalTextSetting(
    "ADMIN_TOKEN",
    "Token that operators show at the admin port, instead of an account with a role. If it is not set, the server uses the token in the file admin-token in SALLYPORT_DATA, and creates one at its first start.",
    { isSecret: true },
  ),
  data: dataFolderSetting,
});

export type AdminNeeds = ReturnType<typeof readAdmin>;

/** Throws `SettingsInvalid` if others can connect and the token can be guessed. */
export function readAdmin(environment: Environment) {
  const settings = { ...adminSettings, ...adminCredentialSettings };
  const { adminPort, adminHost, adminToken, data } = readSettings(settings, environment);
  const passwords = adminToken === null ? [] : ([["ADMIN_TOKEN", adminToken]] as const);
  if (adminPort !== null)
    refuseWeakPasswords({ host: adminHost, hostVariable: adminSettings.adminHost.variable, passwords });
  return { hasPort: adminPort !== null, token: adminToken, folder: data };
}

/** At most this many passwords of operators are hashed or wait. Clients have a hasher of their own. */
const queueMax = 20;

export async function openCredentials(
  { clock, wallMs, randomBytes, log }: Shell,
  { hasPort, token, folder }: AdminNeeds,
  {
    accounts,
    clusterSecret,
    limits,
  }: {
    readonly accounts: AccountStore;
    readonly clusterSecret: Uint8Array;
    /** They hold for operators at all addresses. */
    readonly limits: AttemptLimits;
  },
): Promise<Credentials> {
  const found = hasPort && token === null ? await tokenIn(folder) : token;
  if (hasPort && found === null)
    log.warn({}, "no token for the admin port: only accounts with a role can use it");
  const hasher = createPasswordHasher({ concurrency: 1, queueMax });
  const authentication = new Authentication({
    ...{ accounts, hasher },
    clusterSecret,
    settings: defaultAuthenticationSettings,
    nowMs: () => clock.nowMs(),
    ...{ wallMs, randomBytes },
  });
  return { token: found, authentication, hasher, limits };
}
