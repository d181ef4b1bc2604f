import { readFile } from "node:fs/promises";
import { about, type Environment, optionalTextSetting, readSettings } from "@sallyport/server-kit";
import { adminTokenFile } from "../port/admin-token.ts";
import type { Terminal } from "./terminal.ts";

/** The commands for operators read these settings. */
const settings = about("watching", {
  token: optionalTextSetting("ADMIN_TOKEN", "Token of the server that a command asks.", { isSecret: true }),
  password: optionalTextSetting("ADMIN_PASSWORD", "Password of the account that --as names.", {
    isSecret: true,
  }),
});

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Returns the header that proves who asks: the account of `--as`, or the token of the settings, or the token
 * that a server on this machine left in its data folder. Returns null if there is none.
 */
export async function credentialFor(
  { hostname }: URL,
  as: string | undefined,
  { environment, dataFolder, terminal }: OperatorEnvironment,
): Promise<string | null> {
  const { token, password } = readSettings(settings, environment);
  if (as !== undefined) {
    const shown = password ?? (await terminal.secret(`password of ${as}`));
    return `Basic ${Buffer.from(`${as}:${shown}`).toString("base64")}`;
  }
  if (token !== null) return `Bearer ${token}`;
  // The token of this machine is for servers on this machine.
  if (!loopback.test(hostname)) return null;
  const found = await readFile(adminTokenFile(dataFolder), "utf8").catch(() => null);
  return found === null ? null : `Bearer ${found.trim()}`;
}

export interface OperatorEnvironment {
  readonly environment: Environment;
  readonly dataFolder: string;
  readonly terminal: Terminal;
}
