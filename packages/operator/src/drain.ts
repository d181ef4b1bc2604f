import type { MapServerStatus } from "@sallyport/char-server";
import { delay, systemClock } from "@sallyport/clock";
import { charCredentialSettings, type Environment, readSettings } from "@sallyport/server-kit";
import { adminUrl } from "./ask.ts";
import { answerTo } from "./drain-proofs.ts";

export interface DrainAsked {
  readonly server: string;
  /** URL of the char-server's admin port. If absent, ADMIN_HOST and ADMIN_PORT name the port. */
  readonly admin?: string | undefined;
  readonly environment: Environment;
  readonly tell: (line: string) => void;
}

const lookEveryMs = 500;
const answerMsMax = 10_000;

/**
 * Drains a map-server through the admin port of its char-server and reports the progress. Resolves when the
 * map-server is gone.
 */
export async function drainMapServer({ server, admin, environment, tell }: DrainAsked): Promise<void> {
  const at = adminUrl(admin, environment);
  const { password } = readSettings({ password: charCredentialSettings.password }, environment);
  const url = new URL(`/map-servers/${encodeURIComponent(server)}`, at);
  const send = (method: "GET" | "DELETE", headers: { readonly [header: string]: string } = {}) =>
    fetch(url, { method, headers, signal: AbortSignal.timeout(answerMsMax) });
  const order = async (): Promise<Response> => {
    const first = await send("DELETE");
    const proof = first.status === 401 ? answerTo(first.headers, password, server) : null;
    return proof === null ? first : send("DELETE", { authorization: proof });
  };
  const ask = async (method: "GET" | "DELETE"): Promise<MapServerStatus | null> => {
    const response = await (method === "GET" ? send("GET") : order());
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`the char-server refuses: ${await response.text()}`);
    return (await response.json()) as MapServerStatus;
  };
  let status = await ask("DELETE");
  if (status === null)
    throw new Error(`no map-server ${server} is linked to the char-server at ${at.origin}`);
  let told = "";
  let left = 0;
  // A map-server that is up again was restarted, so the drain is over.
  while (status !== null && status.state !== "up") {
    const { state, players, maps } = status;
    const only = maps.length > 0 ? `; nobody else may have ${maps.join(", ")}` : "";
    const line = `${server} is ${state}: ${players} players left${only}`;
    if (line !== told) tell(line);
    told = line;
    // Players on maps that no other map-server may host stay until the server ends.
    left = maps.length > 0 ? players : 0;
    await delay(systemClock, lookEveryMs);
    status = await ask("GET");
  }
  tell(
    left === 0
      ? `${server} is drained`
      : `${server} has ended with ${left} players left: a map-server that stops saves and disconnects its players`,
  );
}
