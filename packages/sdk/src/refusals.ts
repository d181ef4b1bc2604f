import type {
  CharDoor,
  CommonRefusal,
  DoorVocabulary,
  KickReason,
  LoginDoor,
  MapDoor,
  Outcome,
} from "@sallyport/domain";

type RefusalAt<D extends DoorVocabulary> = D["commands"][keyof D["commands"]]["refusals"];

/**
 * Refusals without an answer from the server. After `version-unsupported` the server has not carried out the
 * request. After `disconnected` or `unanswered` it may have carried out the request.
 */
export type LostAnswer = "disconnected" | "unanswered" | "version-unsupported";

export type SdkRefusal =
  | LostAnswer
  | "unreachable"
  /** A field is longer than the protocol allows. Nothing was sent. */
  | "not-sendable"
  /** The server did not prove that it knows this account, or asked for a hash outside the cost bounds. */
  | "server-not-genuine";

/** Every refusal that a call of the SDK can return. */
export type Refusal =
  | RefusalAt<LoginDoor>
  | RefusalAt<CharDoor>
  | RefusalAt<MapDoor>
  | CommonRefusal
  | SdkRefusal;

/**
 * The reason for the end of a connection: a kick by the server, `left` if this client closed it, or
 * `disconnected`.
 */
export type EndReason = KickReason | "left" | "disconnected" | "version-unsupported";

export type RefusalFor<D extends DoorVocabulary, N extends keyof D["commands"]> =
  | D["commands"][N]["refusals"]
  | CommonRefusal
  | LostAnswer
  | "not-sendable";

export type AnswerAt<D extends DoorVocabulary, N extends keyof D["commands"]> = Outcome<
  D["commands"][N]["gives"],
  RefusalFor<D, N>
>;

const sentences: Readonly<Record<Refusal | EndReason, string>> = {
  // Refusals of any command.
  unavailable: "The server cannot do this at the moment.",
  busy: "The server has too much to do at the moment.",
  "out-of-order": "The server did not expect this now.",
  // Refusals at the login door.
  "name-invalid": "A name has 3 to 20 letters, digits or underscores.",
  "name-taken": "Somebody has this name already, or one that looks like it.",
  "email-invalid": "This is not an e-mail address.",
  "email-taken": "Another account has this e-mail address.",
  "email-unconfirmed":
    "The e-mail address of this account is not confirmed yet. A letter with a code is on its way.",
  "invitation-invalid": "This invitation code is not valid, or not any more.",
  "code-invalid": "This code is not valid, or not any more.",
  "no-mail": "This server sends no mail. Ask its operator for a new password.",
  "password-invalid": "A password has 6 to 128 characters.",
  "registration-closed": "This server takes no new accounts.",
  "wrong-name-or-password": "The name or the password is wrong.",
  banned: "You are banned from this server.",
  "address-banned": "This address is banned.",
  "device-banned": "This device is banned.",
  "already-online": "This account is still in the game. Whoever plays it has been asked to leave.",
  overtaken: "A newer login of this account came in.",
  "no-world": "No world is open at the moment.",
  "too-many-attempts": "There were too many wrong passwords. Try again later.",
  "too-many-accounts": "Too many accounts were made from here. Try again tomorrow.",
  "audience-unknown": "There are no tokens for this kind of server.",
  "no-tokens": "This server gives no tokens.",
  // Refusals at the char door.
  "not-logged-in": "The login has run out. Log in again.",
  "slot-invalid": "There is no such place for a character.",
  "slot-taken": "There is a character in this place already.",
  "not-yet": "This character can be deleted, but not yet.",
  "no-such-character": "This account has no such character.",
  "map-unavailable": "No server has the map of this character at the moment.",
  "state-invalid": "This character does not fit the game. Tell an operator of the server.",
  // Refusals at the map door.
  "not-expected": "The map did not expect this character, or no longer does.",
  "no-path": "There is no way to get there.",
  "too-fast": "The character cannot get there so soon.",
  outside: "The map ends before that.",
  "too-many": "This was asked too often.",
  "not-reported": "On this map the server walks the character.",
  "text-invalid": "This cannot be said.",
  "no-such-room": "There is no such room, or it is not open to all.",
  muted: "You may not speak at the moment.",
  "not-allowed": "You may not order this.",
  "no-such-player": "Nobody of this name plays at the moment.",
  "no-such-map": "There is no such map.",
  "no-such-actor": "Nothing of that kind is there any more.",
  "too-far": "This is too far away.",
  "no-dialogue": "This conversation is over.",
  "no-shop": "This is not for sale here.",
  "too-dear": "This costs too much.",
  "no-room": "There is no room for this.",
  "unknown-command": "The game on this server does not know this command.",
  invalid: "The game cannot read this command.",
  refused: "The game does not allow this.",
  failed: "The game failed at this. Nothing happened.",
  // Refusals by the SDK.
  unreachable: "Nothing answers at the server's address.",
  disconnected: "The connection was lost.",
  "version-unsupported": "The server does not serve this version of the program.",
  unanswered: "The server did not answer in time.",
  "not-sendable": "This is too long, or holds characters that cannot be sent.",
  "server-not-genuine":
    "The server could not show that it knows this account. It may not be what it claims to be.",
  // Reasons for the end of a connection.
  "logged-in-elsewhere": "Somebody logged in with this account elsewhere.",
  "second-choice": "A second character was chosen while the first was on its way.",
  "lock-lost": "Another server took this character over.",
  "server-stopping": "The server is stopping.",
  "cluster-link-lost": "The servers lost each other. The character is as it was last saved.",
  "timed-out": "Nothing was heard from this client for too long.",
  "save-failed": "The character could not be saved.",
  kicked: "An operator put you out.",
  "credential-changed": "The password was changed. Log in with the new one.",
  left: "You left.",
};

/** Instead of those above, where the name of a character was refused. */
const ofCharacters: Partial<typeof sentences> = {
  "name-invalid": "A name has 3 to 20 letters, digits or underscores, unless this world has another rule.",
};

/** The kind of name that was refused. */
export type NameKind = "account" | "character";

/** Returns a sentence in English for players. `about` counts only if a name was refused. */
export const describeRefusal = (code: Refusal | EndReason, about: NameKind = "account"): string =>
  (about === "character" ? ofCharacters[code] : undefined) ?? sentences[code];
