import { accepted, type CommonRefusal, type Outcome, type Refused, refusedWith } from "@sallyport/domain";

/*
 * Every way in which a request fails: the sentence and the HTTP status for it. The seed knows two kinds of
 * sentences, `Bad request. ` with a reason, and `Access Denied`. `Unavailable. ` is ours: the same request may
 * succeed later.
 */

interface RefusalRow {
  /** The answer begins with this. The detail follows, unless it is null. */
  readonly begins: string;
  readonly usual: string | null;
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 503;
  readonly doc: string;
}

const bad = "Bad request. ";
const later = "Unavailable. ";

export const refusalTable = {
  malformed: {
    ...{ begins: bad, usual: "this is no JSON object", status: 400 },
    doc: "the request is no JSON object in UTF-8. Over TCP the connection is closed after this answer",
  },
  "too-long": {
    ...{ begins: bad, usual: "the request is too long", status: 413 },
    doc: "the request is longer than allowed, or has more than 4,000 commas and opening brackets. Over TCP the connection is closed after this answer",
  },
  "unknown-type": {
    ...{ begins: bad, usual: "type: there is no such request", status: 404 },
    doc: "the number of the request, or the path, is unknown. The seed answers the number with `null`",
  },
  token: {
    ...{ begins: bad, usual: "token: not valid", status: 401 },
    doc: "the token is missing, malformed, expired, revoked, for another audience, or of another identity",
  },
  invalid: {
    ...{ begins: bad, usual: "a field is not valid", status: 400 },
    doc: "a field is missing or has a value that is not allowed. The sentence names the field",
  },
  "not-found": {
    ...{ begins: bad, usual: "there is no such thing", status: 404 },
    doc: "the id that the sentence names belongs to nothing",
  },
  conflict: {
    ...{ begins: bad, usual: "it is so already", status: 409 },
    doc: "what is stored does not allow the change: it is so already, or there is no more room",
  },
  "access-denied": {
    ...{ begins: "Access Denied", usual: null, status: 403 },
    doc: "the user may not do this",
  },
  "list-old": {
    begins: later,
    usual:
      "nothing is changed, because the newest list of revoked tokens is older than two minutes; try again later",
    status: 503,
    doc: "no login-server has told for two minutes which tokens are revoked. Reading goes on",
  },
  unavailable: {
    begins: later,
    usual: "the database does not answer; the request may have been carried out or not",
    status: 503,
    doc: "the database does not answer, or the keys of tokens could not be fetched, or the server stops",
  },
  busy: {
    ...{ begins: later, usual: "too many long requests at once; try again later", status: 429 },
    doc: "too many long requests are without their answers. Over TCP the connection is closed after this answer",
  },
} as const satisfies { readonly [refusal: string]: RefusalRow };

export type RefusalCode = keyof typeof refusalTable;

/** `field` is the field of the id. */
export const noSuch = (field: string, what: string): Refused<"not-found"> =>
  refusedWith("not-found", `${field}: there is no such ${what}`);

/** `isDone` is false if the row of the subject was removed after the decision. */
export const doneOr = <Code extends string>(
  isDone: boolean,
  otherwise: Refused<Code>,
): Outcome<null, Code> => (isDone ? accepted(null) : otherwise);

/** What a client is told, over TCP and over HTTP. */
export type Reply =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly data: string; readonly refusal: RefusalCode };

/** A client door may answer with a common refusal. */
export function replyOf(
  outcome: Outcome<{ readonly data: unknown }, RefusalCode | CommonRefusal>,
): Reply & { readonly status: number } {
  if (outcome.ok) return { success: true, data: outcome.value.data, status: 200 };
  const refusal = outcome.refusal === "out-of-order" ? "malformed" : outcome.refusal;
  const { begins, usual, status }: RefusalRow = refusalTable[refusal];
  const data = usual === null ? begins : `${begins}${outcome.detail ?? usual}`;
  return { success: false, data, refusal, status };
}
