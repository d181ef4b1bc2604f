import { countSetting, type Setting } from "./settings.ts";

/**
 * Kubernetes sets variables of this form. With a service `login`, every container gets
 * `LOGIN_PORT=tcp://10.0.0.1:7100`.
 */
const serviceLink = /^(tcp|udp|sctp):\/\//;

const isForeign = (text: string): boolean => serviceLink.test(text);

/**
 * `hostVariable` is the variable that holds the address. It is undefined if the process does not listen on
 * this port.
 */
const listening = (hostVariable: string | undefined) => (hostVariable === undefined ? {} : { hostVariable });

/** A setting for a port. If the process listens on the port, 0 means that the system picks a free port. */
export const portSetting = (
  variable: string,
  doc: string,
  fallback: number,
  hostVariable?: string,
): Setting<number> => ({
  ...countSetting(variable, doc, fallback, 0, 65_535),
  ...listening(hostVariable),
  isForeign,
});

/**
 * A setting for a port that need not exist. If the text is empty, the value is null and the port is not
 * opened.
 */
export const optionalPortSetting = (
  variable: string,
  doc: string,
  hostVariable: string,
): Setting<number | null> => ({
  variable,
  doc,
  fallback: "",
  allowed: "0 to 65535, or empty",
  ...listening(hostVariable),
  isForeign,
  parse(text) {
    if (text === "") return { ok: true, value: null };
    const port = Number(text);
    return /^\d+$/.test(text) && port <= 65_535
      ? { ok: true, value: port }
      : { ok: false, expected: "a whole number from 0 to 65535, or empty" };
  },
});
