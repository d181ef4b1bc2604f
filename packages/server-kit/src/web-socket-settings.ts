import type { Origins } from "@sallyport/link/websocket";
import type { Setting } from "./settings.ts";

/** Empty is null: the hosts of the door itself are meant, which this setting does not know. */
export const originsSetting = (
  variable: string,
  doc: string,
): Setting<Exclude<Origins, { hosts: unknown }> | null> => ({
  variable,
  doc,
  fallback: "",
  parse(text) {
    if (text === "") return { ok: true, value: null };
    if (text.trim() === "*") return { ok: true, value: "any" };
    const origins = text.split(",").map((each) => originOf(each.trim()));
    return origins.every((origin) => origin !== null)
      ? { ok: true, value: origins }
      : { ok: false, expected: "a list like https://play.example.org,http://localhost:8080, or *" };
  },
});

/** As browsers write it; null for what has more to it than scheme, host and port. */
function originOf(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.origin === "null") return null;
  return url.href === `${url.origin}/` ? url.origin : null;
}

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
