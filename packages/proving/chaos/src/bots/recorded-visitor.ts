import type { Stop } from "@sallyport/bots";
import type { Account, Entrance, Visitor } from "@sallyport/rig";
import type { Credentials } from "@sallyport/sdk";
import { type Fact, nowMs } from "../history/fact.ts";
import { answerMs } from "../timing.ts";
import type { AccountPasswords } from "./account-passwords.ts";

export interface RecordedVisitorOptions {
  readonly account: Account;
  readonly entrance: Entrance;
  readonly from: string;
  readonly credentials: Credentials;
  readonly stop: Stop;
  readonly stepMs: number;
  readonly saw: (fact: Fact) => void;
  /** Absent: its password never changes. */
  readonly passwords?: AccountPasswords;
  readonly heard: (line: string) => void;
}

/** These requests show the password of the account. */
const showing: ReadonlySet<string> = new Set(["login", "change password"]);
/** After these requests characters are listed. */
const listing: ReadonlySet<string> = new Set(["char enter", "back to character select"]);

/** A visitor that records each request with its answer, and the place at which its character is listed. */
export function recordedVisitor(options: RecordedVisitorOptions): Visitor {
  const { account, entrance, saw } = options;
  let ownCharId: number | null = null;
  let listAskedMs = 0;
  return {
    ...{ account, entrance, from: options.from, credentials: options.credentials },
    ...{ stop: options.stop, stepMs: options.stepMs, answerMs, heard: options.heard },
    async ask(call, asked, { detail = "", parts = 1 } = {}) {
      const askedMs = nowMs();
      if (listing.has(call)) listAskedMs = askedMs;
      const outcome = await asked;
      if (call === "login" && outcome.ok) options.passwords?.stored(account.password);
      saw({
        ...{ type: "call", atMs: nowMs(), askedMs, account: account.character, charId: ownCharId },
        ...{ way: entrance.name, protocol: entrance.protocol.name },
        ...{ call, answer: outcome.ok ? "ok" : outcome.refusal, detail, parts },
        ...(showing.has(call) && { password: account.password }),
      });
      return outcome;
    },
    listed(charId, position, name) {
      ownCharId = charId;
      saw(stood(account, "listed", position));
      saw({ type: "named", atMs: nowMs(), askedMs: listAskedMs, account: account.character, name });
    },
    ended: (reason) => saw({ type: "put-out", atMs: nowMs(), account: account.character, reason }),
  };
}

interface Place {
  readonly map: string;
  readonly x: number;
  readonly y: number;
}

export const stood = (
  { character: account }: Account,
  when: "left" | "listed" | "unknown",
  at?: Place,
): Fact => {
  const place = at === undefined ? "" : `${at.map} ${at.x},${at.y}`;
  return { type: "stood", atMs: nowMs(), account, when, place };
};

/** Loopback addresses, so that each player has one of its own. */
export const addressOf = (nth: number): string => `127.1.${nth >> 8}.${nth & 255}`;

/** Short enough for the clients with the shortest fields: 23 bytes. */
export const passwordOf = (name: string): string => `${name} hides it`;
