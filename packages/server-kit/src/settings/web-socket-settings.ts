import type { Origins } from "@sallyport/link/websocket";
import { listed, type Setting } from "./settings.ts";

/**
 * A setting for allowed origins. If the text is empty, the value is null, and the caller allows the hosts of
 * its door.
 */
export const originsSetting = (
  variable: string,
  doc: string,
): Setting<Exclude<Origins, { hosts: unknown }> | null> => ({
  variable,
  doc,
  fallback: "",
  allowed:
    "origins separated by commas, like https://play.example.org, https://*.example.org, capacitor://localhost or null; or *",
  parse(text) {
    if (text === "") return { ok: true, value: null };
    if (text.trim() === "*") return { ok: true, value: "any" };
    const origins = listed(text).map(patternOf);
    return origins.every((origin) => origin !== null)
      ? { ok: true, value: origins }
      : { ok: false, expected };
  },
});

const expected =
  "a list like https://play.example.org,https://*.example.org,http://localhost:8080,capacitor://localhost,null, or *";

/**
 * Reads an origin in which `*` stands for all names below a domain. The domain itself must contain a dot,
 * because `*.com` would allow nearly every page. Returns null if the text is not an origin.
 */
function patternOf(text: string): string | null {
  const below = /^(.+:\/\/)\*\.(.+\..+)$/.exec(text);
  const origin = originOf(below === null ? text : `${below[1]}${below[2]}`);
  return below === null ? origin : (origin?.replace("://", "://*.") ?? null);
}

/** Returns the origin as browsers write it. Returns null if the text has more than scheme, host and port. */
function originOf(text: string): string | null {
  // Browsers send `null` for pages without an origin, for example in a sandbox.
  if (text === "null") return text;
  if (text.includes("*")) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.origin === "null") return ofOtherScheme(text);
  return url.href === `${url.origin}/` ? url.origin : null;
}

/**
 * Reads the origin of an app or a file. Browsers use schemes there for which the URL standard defines no
 * origins.
 */
const ofOtherScheme = (text: string): string | null =>
  /^(?!https?:|wss?:|ftp:)([a-z][a-z\d+.-]*:\/\/[^/?#@\s]*)\/?$/i.exec(text)?.[1]?.toLowerCase() ?? null;

export const webSocketUrlSetting = (variable: string, doc: string): Setting<string | null> => ({
  variable,
  doc,
  fallback: "",
  parse(text) {
    if (text === "") return { ok: true, value: null };
    const url = URL.canParse(text) ? new URL(text) : null;
    const isWebSocket = url !== null && /^wss?:$/.test(url.protocol) && url.hash === "" && text.length <= 255;
    return isWebSocket
      ? { ok: true, value: text }
      : { ok: false, expected: "a URL like wss://play.example.org/alpha" };
  },
});
