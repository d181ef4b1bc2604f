import {
  type AccountCommand,
  type AccountLock,
  accountLockCore,
  type CharacterCommand,
  type CharacterLock,
  characterLockCore,
  type LockTiming,
  type ServerCommand,
  type ServerLock,
  serverLockCore,
} from "../src/index.ts";
import { type Timed, timed } from "./timed-core.ts";

/*
 * A trace is a text with the commands to the locks of one account and their answers:
 *
 *     account hold owner=alpha/1 ids=11/12/female
 *       -> held ids=11/12/female fence=7 owner=alpha/1
 *
 * Lines that begin with a lock's name are commands, `wait 30s` passes time, `#` begins a comment. Indented
 * text is the answer: the state and its time limit, or a refusal, and the effects. A server lock says
 * `life=alpha-1` for the incarnation that an owner shows as `alpha/1`.
 */

interface Locks {
  account: Timed<AccountLock>;
  character: Timed<CharacterLock>;
  server: ServerLock;
}

/** Returns the trace with the answers that the present code gives. */
export function answered(trace: string, timing: LockTiming): string {
  const cores = {
    account: accountLockCore(timing),
    character: characterLockCore(timing),
    server: serverLockCore(timing),
  };
  const decides = {
    account: timed(cores.account.decide),
    character: timed(cores.character.decide),
  };
  const locks: Locks = {
    account: cores.account.initial,
    character: cores.character.initial,
    server: cores.server.initial,
  };
  let nowMs = 0;

  function answer(line: string): string[] {
    const [what = "", ...words] = line.split(" ");
    if (what === "wait") {
      nowMs += Number(/^([\d.]+)s$/.exec(words[0] ?? "")?.[1]) * 1_000;
      return [];
    }
    const command = parseCommand(words);
    const at = { nowMs };
    switch (what) {
      case "account":
        return settle(what, decides.account(locks.account, command as AccountCommand, at));
      case "character":
        return settle(what, decides.character(locks.character, command as CharacterCommand, at));
      case "server":
        return settle(what, cores.server.decide(locks.server, command as ServerCommand, at));
      default:
        throw new Error(`no such lock: ${line}`);
    }
  }

  function settle<L extends keyof Locks>(
    name: L,
    decided:
      | { readonly ok: true; readonly next: Locks[L]; readonly effects: readonly { readonly type: string }[] }
      | { readonly ok: false; readonly refusal: string },
  ): string[] {
    if (!decided.ok) return [`  -> refused: ${decided.refusal}`];
    locks[name] = decided.next;
    const { state, ...rest } = decided.next;
    return [
      `  -> ${[state, ...describe(rest, nowMs)].join(" ")}`,
      ...decided.effects.map(({ type, ...of }) => `     ${[type, ...describe(of, nowMs)].join(" ")}`),
    ];
  }

  const said = trace.split("\n").filter((line) => !/^\s+\S/.test(line));
  return said.flatMap((line) => (/^[a-z]/.test(line) ? [line, ...answer(line)] : [line])).join("\n");
}

function parseCommand([type, ...words]: readonly string[]): object {
  const fields = words.map((word) => {
    const [name = "", text = ""] = word.split("=");
    return parseField(name, text);
  });
  return Object.assign({ type }, ...fields);
}

/** Reads fields like `char-fence=3`, `owner=map/1`, `ids=11/12/female` and `life=alpha-1`. */
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
    case "ids": {
      const [loginId1, loginId2, sex] = text.split("/");
      return { loginId1: Number(loginId1), loginId2: Number(loginId2), sex };
    }
    case "life":
      return { incarnation: text };
    case "cookie":
      return { cookieHash: text };
    case "next":
      return { nextCookieHash: text };
    case "cookie-is":
      return { isCookieRight: text === "right" };
    default:
      return { [name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]: Number(text) };
  }
}

interface Shown {
  readonly loginId1?: number;
  readonly loginId2?: number;
  readonly sex?: string;
  readonly deadlineMs?: number;
  readonly reclaimDeadlineMs?: number;
}

/** Writes fields as `parseField` reads them. A deadline becomes the time that is left. */
function describe(of: object, nowMs: number): string[] {
  const { loginId1, loginId2, sex, deadlineMs, reclaimDeadlineMs, ...rest } = of as Shown;
  const ids = loginId2 === undefined ? `login-id1=${loginId1}` : `ids=${loginId1}/${loginId2}/${sex}`;
  const fields = Object.entries(rest).map(([name, value]) => `${kebab(name)}=${show(value)}`);
  return [
    ...(loginId1 === undefined ? [] : [ids]),
    ...fields,
    ...(deadlineMs === undefined ? [] : [`for ${(deadlineMs - nowMs) / 1_000}s`]),
    ...(reclaimDeadlineMs === undefined ? [] : [`reclaims for ${(reclaimDeadlineMs - nowMs) / 1_000}s`]),
  ];
}

const show = (value: unknown): string =>
  typeof value === "object" && value !== null && "incarnation" in value
    ? String(value.incarnation).replace("-", "/")
    : String(value);

const renamed: Record<string, string> = {
  incarnation: "life",
  incarnations: "lives",
  cookieHash: "cookie",
  shownCookieHash: "shown",
};
const kebab = (name: string): string =>
  renamed[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
