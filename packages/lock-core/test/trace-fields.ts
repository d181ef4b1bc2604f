/*
 * Fields are written as in `char-fence=3 owner=map/1 ids=11/12/female is-there=true`. A field of a type that
 * is no word or number has a form of its own.
 */

export function parseFields(words: readonly string[]): object {
  const fields = words.map((word) => {
    const [name = "", text = ""] = word.split("=");
    return parseField(name, text);
  });
  return Object.assign({}, ...fields);
}

function parseField(name: string, text: string): object {
  switch (name) {
    case "owner":
    case "target":
    case "from": {
      // `alpha/2<1` stands for the second incarnation of alpha, which has come back from its first.
      const [named = "", ...earlier] = text.split("<");
      const [server = ""] = named.split("/");
      const incarnation = named.replace("/", "-");
      return { [name]: { server, incarnation, earlier: earlier.map((each) => `${server}-${each}`) } };
    }
    // The commands of locks hold these fields themselves, and the events of owners hold an object.
    case "ids":
      return { ...idsFrom(text), ids: idsFrom(text) };
    case "account": {
      const [accountFence, ...ids] = text.split("/").reverse();
      return { account: { ...idsFrom(ids.reverse().join("/")), accountFence: Number(accountFence) } };
    }
    case "lock": {
      const [loginId1, accountFence] = text.split("/");
      return {
        lock:
          accountFence === undefined
            ? parseValue(text)
            : { loginId1: Number(loginId1), accountFence: Number(accountFence) },
      };
    }
    case "to": {
      const [map, x, y] = text.split("/");
      return { to: y === undefined ? text : { map, x: Number(x), y: Number(y) } };
    }
    case "life":
      return { incarnation: text };
    // A server lock has the hash of a cookie, and a link the cookie itself.
    case "cookie":
      return { cookieHash: text, cookie: text === "none" ? null : new TextEncoder().encode(text) };
    case "next":
      return { nextCookieHash: text };
    case "cookie-is":
      return { isCookieRight: text === "right" };
    default:
      return { [name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]: parseValue(text) };
  }
}

function idsFrom(text: string): object {
  const [loginId1, loginId2, sex] = text.split("/");
  return { loginId1: Number(loginId1), loginId2: Number(loginId2), sex };
}

function parseValue(text: string): unknown {
  if (text === "none") return null;
  if (text === "true" || text === "false") return text === "true";
  return /^\d+$/.test(text) ? Number(text) : text;
}

interface Shown {
  readonly loginId1?: number;
  readonly loginId2?: number;
  readonly sex?: string;
}

/** Each of these fields is a time, and shows how far away it is. */
const times: { readonly [name: string]: (value: unknown, nowMs: number) => string } = {
  deadlineMs: (atMs, nowMs) => `for ${secondsTo(atMs as number, nowMs)}`,
  reclaimDeadlineMs: (atMs, nowMs) => `reclaims for ${secondsTo(atMs as number, nowMs)}`,
  saveDueMs: (atMs, nowMs) => `save due in ${secondsTo(atMs as number, nowMs)}`,
  unsavedSinceMs: (atMs, nowMs) =>
    atMs === null ? "unsaved=none" : `unsaved for ${secondsTo(nowMs, atMs as number)}`,
  hold: (hold, nowMs) => {
    const { goodMs, lastsMs } = hold as { readonly goodMs: number; readonly lastsMs: number };
    return `hold for ${secondsTo(goodMs + lastsMs, nowMs)}`;
  },
};
const secondsTo = (atMs: number, nowMs: number): string => `${(atMs - nowMs) / 1_000}s`;

/** Writes fields as `parseFields` reads them, and the times last. */
export function describe(of: object, nowMs: number): readonly string[] {
  const { loginId1, loginId2, sex, ...rest } = of as Shown;
  const ids = loginId2 === undefined ? `login-id1=${loginId1}` : `ids=${loginId1}/${loginId2}/${sex}`;
  const fields = Object.entries(rest);
  return [
    ...(loginId1 === undefined ? [] : [ids]),
    ...fields.flatMap(([name, value]) => (name in times ? [] : [`${kebab(name)}=${show(value)}`])),
    ...Object.entries(times).flatMap(([name, write]) =>
      name in of ? [write(of[name as never], nowMs)] : [],
    ),
  ];
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(show).join(",");
  if (typeof value !== "object") return typeof value === "string" ? value : JSON.stringify(value);
  if ("incarnation" in value) return String(value.incarnation).replace("-", "/");
  return Object.values(value).map(show).join("/");
}

const renamed: Record<string, string> = {
  incarnation: "life",
  incarnations: "lives",
  cookieHash: "cookie",
  shownCookieHash: "shown",
};
const kebab = (name: string): string =>
  renamed[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
