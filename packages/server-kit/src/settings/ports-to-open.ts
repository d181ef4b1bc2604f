import { createServer } from "node:net";
import { type Environment, givenText, type Setting, type Settings, SettingsInvalid } from "./settings.ts";

/** A port that a process is about to open, and the two variables that hold the port and the address. */
export interface PortToOpen {
  readonly variable: string;
  readonly hostVariable: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Returns the ports in the settings. Leaves out invalid ports. Also leaves out 0, because the system then
 * picks a free port.
 */
export function portsToOpen(groups: readonly Settings[], environment: Environment): readonly PortToOpen[] {
  const settings = new Map(
    groups.flatMap(Object.values<Setting<unknown>>).map((each) => [each.variable, each]),
  );
  const valueOf = (variable: string): unknown => {
    const setting = settings.get(variable);
    const text = setting && (givenText(setting, environment) ?? setting.fallback);
    const parsed = text == null ? null : setting?.parse(text);
    return parsed?.ok ? parsed.value : null;
  };
  return [...settings.values()].flatMap(({ variable, hostVariable }) => {
    if (hostVariable === undefined) return [];
    const [port, host] = [valueOf(variable), valueOf(hostVariable)];
    const isFixed = typeof port === "number" && port !== 0 && typeof host === "string";
    return isFixed ? [{ variable, hostVariable, host, port }] : [];
  });
}

/**
 * Tries to open each port. Rejects with `SettingsInvalid`, which names the settings of every port that cannot
 * be opened.
 */
export async function checkPorts(groups: readonly Settings[], environment: Environment): Promise<void> {
  const ports = portsToOpen(groups, environment);
  const shared = ports.flatMap((port, index) =>
    ports.slice(index + 1).flatMap((other) => (isSame(port, other) ? [[port, other] as const] : [])),
  );
  const alone = ports.filter((port) => !shared.some((both) => both.includes(port)));
  const problems = await Promise.all(alone.map(problemOf));
  const all = [...shared.map(describeShared), ...problems.filter((problem) => problem !== null)];
  if (all.length > 0) throw new SettingsInvalid(all);
}

const isAnywhere = (host: string): boolean => host === "0.0.0.0" || host === "::";
const withoutName = (host: string): string => (host === "localhost" ? "127.0.0.1" : host);

const isSame = (a: PortToOpen, b: PortToOpen): boolean =>
  a.port === b.port &&
  (isAnywhere(a.host) || isAnywhere(b.host) || withoutName(a.host) === withoutName(b.host));

const describeShared = ([{ variable, port }, other]: readonly [PortToOpen, PortToOpen]): string =>
  `${variable} and ${other.variable} are both ${port}: each needs a port of its own`;

/** Opens the port for a moment. Resolves to the problem, or to null if the port can be opened. */
function problemOf({ variable, hostVariable, host, port }: PortToOpen): Promise<string | null> {
  const describe = ({ code = "", message }: NodeJS.ErrnoException): string => {
    switch (code) {
      case "EADDRINUSE":
        return `${variable}: port ${port} of ${host} is in use already`;
      case "EACCES":
        return `${variable}: this user may not listen on port ${port}`;
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
        return `${hostVariable}: ${host} is not an address of this machine`;
      default:
        return `${variable}: cannot listen on port ${port} of ${host}: ${message}`;
    }
  };
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(describe(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
