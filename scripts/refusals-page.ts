import {
  charDoorMessages,
  loginDoorMessages,
  mapDoorMessages,
} from "../packages/dialects/src/native/index.ts";
import type { KickReason } from "../packages/domain/src/index.ts";
import { isRequestRow, type MessageRow, type MessageTable } from "../packages/wire/src/index.ts";

type Requests<T extends MessageTable> = Extract<T[keyof T], { readonly refusals: readonly string[] }>;
type RefusalIn<T extends MessageTable> = Requests<T>["refusals"][number];

type NativeRefusal =
  | RefusalIn<typeof loginDoorMessages>
  | RefusalIn<typeof charDoorMessages>
  | RefusalIn<typeof mapDoorMessages>;

interface Words {
  /** Says what the word tells a client. */
  readonly means: string;
  /** Says what the client should do. */
  readonly todo: string;
}

/** If the protocol gets a new refusal, the project does not compile until the refusal has its words here. */
const refusalWords: { readonly [R in NativeRefusal]: Words } = {
  unavailable: {
    means:
      "A store or another server did not answer, or the request was not handled within its time to live. Whether it took effect is not known.",
    todo: "Send the same request again after the retry-after time, or after a second without one. Use the same connection while it is open.",
  },
  busy: {
    means:
      "The server has too many logins to check, too many of the client's address are under way, or the account has got 10 tokens within a minute by `login.token`. The request had no effect.",
    todo: "Send the same request again after the retry-after time, and no sooner: an earlier attempt is refused as well.",
  },
  "out-of-order": {
    means:
      "The request does not belong here: a door's first request has not been accepted yet, or the step that the request continues is over. It had no effect.",
    todo: "Do not repeat it. Begin with the first request of the door, or for `login.prove` with a new `login.salt`.",
  },
  "name-invalid": {
    means: "The name breaks the rule for names of accounts, or of characters of this world.",
    todo: "Ask the player for another name.",
  },
  "name-taken": {
    means:
      "Another account, or another character of the world, has this name or one that looks like it. After `unavailable` the name may belong to the account that this client has just created.",
    todo: "Ask the player for another name.",
  },
  "password-invalid": {
    means: "A new password has fewer than 6 or more than 128 characters.",
    todo: "Ask the player for another password.",
  },
  "registration-closed": {
    means: "This server creates no accounts for clients.",
    todo: "Do not repeat it. Tell the player that accounts are created elsewhere.",
  },
  "email-invalid": {
    means: "No mail can be sent to the e-mail address, or a new account needs one and has none.",
    todo: "Ask the player for another address.",
  },
  "email-taken": {
    means: "Another account has the e-mail address.",
    todo: "Ask the player for another address, or let the player ask for a new password.",
  },
  "invitation-invalid": {
    means:
      "Registration is by invitation, and the code is missing, wrong, used up or too old. The account was not created.",
    todo: "Ask the player for another code.",
  },
  "email-unconfirmed": {
    means:
      "The password is right, but the e-mail address of the account must be confirmed first. The server sends another letter, at most three a day.",
    todo: "Ask the player for the code in the letter, and send `login.email.confirm`. Then repeat it.",
  },
  "code-invalid": {
    means: "The code from a letter is wrong, was used already, or is too old.",
    todo: "Ask the player for another code.",
  },
  "no-mail": {
    means: "This server sends no mail.",
    todo: "Do not repeat it. Tell the player to ask the operator for a new password.",
  },
  "version-unsupported": {
    means:
      "The operator does not serve this version of the client. Clients of versions 1 and 2 of the protocol get `out-of-order`.",
    todo: "Do not repeat it. Tell the player to update the program.",
  },
  "wrong-name-or-password": {
    means:
      "The account does not exist, or the password or proof is wrong. Only the detail of `login.password.telling` can tell the two apart, or that the account is banned.",
    todo: "Ask the player for name and password.",
  },
  "too-many-attempts": {
    means:
      "The client's address, or the account name, had too many wrong passwords. The password was not checked. The words and times are the same for a name that nobody has.",
    todo: "Show the time to the player. An earlier attempt is refused as well, and after many more failures the address is banned.",
  },
  "too-many-accounts": {
    means: "The client's address has created as many accounts as it may in a day.",
    todo: "Do not repeat it before the retry-after time is over.",
  },
  banned: {
    means:
      "The password is right, or the login ids, but an operator has banned the account. The retry-after time lasts until the ban ends; a ban without end has none. The detail is what the operator wrote for the player.",
    todo: "Tell the player. Do not repeat it before the ban ends.",
  },
  "address-banned": {
    means:
      "The address of the client is banned, or its network. Nothing was checked. The detail is what the operator wrote for players.",
    todo: "Show the time and the detail. Do not repeat it before the ban ends.",
  },
  "device-banned": {
    means: "The device that the client names is banned. The detail is what the operator wrote for players.",
    todo: "Show the time and the detail. Do not repeat it before the ban ends.",
  },
  "already-online": {
    means:
      "The account or its character is still in use. At a login, the server that owns it is asked to disconnect its client, and to save and release it.",
    todo: "Send the same request again after the retry-after time.",
  },
  overtaken: {
    means: "A newer login of the same account arrived while this one waited.",
    todo: "Do not repeat it automatically: that would disconnect the newer client. Let the player decide.",
  },
  "no-world": {
    means: "The login is right, but no char-server is linked to the login-server.",
    todo: "Send the same request again after the retry-after time.",
  },
  "not-logged-in": {
    means: "The login ids are wrong, or their time has run out.",
    todo: "Log in again at the login-server.",
  },
  "audience-unknown": {
    means: "The login-server gives no identity tokens for this kind of server.",
    todo: "Do not repeat it. Ask for one of the kinds in the settings of the login-server.",
  },
  "no-tokens": {
    means: "This login-server gives no identity tokens.",
    todo: "Do not repeat it.",
  },
  "slot-invalid": {
    means: "The slot number is not below the `slotCount` of `char.enter`.",
    todo: "Ask the player for another slot.",
  },
  "slot-taken": {
    means: "The account already has a character in this slot.",
    todo: "Ask the player for another slot.",
  },
  "map-unavailable": {
    means:
      "No map-server takes players on the character's map now, or no map-server has the map where new characters begin.",
    todo: "Stay connected and send the same request again after the retry-after time.",
  },
  "no-such-character": {
    means: "The account has no such character in this world, or it was deleted.",
    todo: "Enter character select again to get the list of characters as it is now.",
  },
  "not-yet": {
    means: "The deletion is noted. The character can be deleted when the retry-after time is over.",
    todo: "Show the time to the player, and send the same request again when it is over.",
  },
  "state-invalid": {
    means:
      "What is stored of the character fits no version of the game that runs in the world. Nothing of it is overwritten.",
    todo: "Do not repeat it. Tell the player that an operator has to repair the character.",
  },
  "not-expected": {
    means:
      "The map-server does not wait for this client: the ids are wrong, or the client came too late or a second time.",
    todo: "Go back to character select with the same login ids. If they are refused there, log in again.",
  },
  "no-path": {
    means: "The cell cannot be reached from where the character is, or is too far away.",
    todo: "Let the player choose another cell. The character stays where it is, or walks on as before.",
  },
  "too-fast": {
    means:
      "The reported position is farther from the last accepted one than the greatest speed of the map allows in the time between.",
    todo: "Put the character back to the last accepted position, and go on from there.",
  },
  outside: {
    means: "The reported position is not on the map.",
    todo: "Put the character back to the last accepted position, and go on from there.",
  },
  "too-many": {
    means: "The client sent more requests of this kind than it may. This one had no effect.",
    todo: "Send fewer. The next one is heard after the retry-after time.",
  },
  "not-reported": {
    means: "On this map the server walks characters from cell to cell.",
    todo: "Ask for a walk instead.",
  },
  "text-invalid": {
    means: "The text is empty, or has control characters, bidirectional controls or invisible characters.",
    todo: "Remove those characters, and send it again if anything is left.",
  },
  "no-such-room": {
    means: "No map of the world has this name, or it is no open room.",
    todo: "Do not repeat it. The detail names open rooms, as many as fit; without one, there is none. The file of a map says whether it is an open room.",
  },
  muted: {
    means: "A gamemaster or an operator decided that the account may not speak. The line was not said.",
    todo: "Tell the player, with the retry-after time as the time for which it holds.",
  },
  "not-allowed": {
    means:
      "The role of the account may not give this order, or the player has a role with more rights. Nothing happened.",
    todo: "Do not repeat it.",
  },
  "no-such-player": {
    means: "No character of this name is on a map of the world. Nothing happened.",
    todo: "Ask for another name.",
  },
  "no-such-map": {
    means: "The world has no map of this name. Nothing happened.",
    todo: "Ask for another map.",
  },
  "no-such-actor": {
    means: "The actor is not in view any more, or nothing of this kind can be done with it.",
    todo: "Nothing. The events say which actors are in view.",
  },
  "too-far": {
    means: "The character is too far away from the actor.",
    todo: "Walk to the actor, and send the same request again.",
  },
  "no-dialogue": {
    means: "The client has no dialogue with this actor, or it has ended.",
    todo: "Close what the player sees of the dialogue. A new `map.click` begins another.",
  },
  "no-shop": {
    means: "The actor has not offered all of these goods to this client. Nothing was bought.",
    todo: "Send `map.click` to get a new offer.",
  },
  "too-dear": {
    means: "The character cannot pay for all of these goods. Nothing was bought.",
    todo: "Let the player choose less.",
  },
  "no-room": {
    means: "The character cannot carry the item, or not all of the goods. Nothing was picked up or bought.",
    todo: "Tell the player. Of a shop the player may choose less.",
  },
  "unknown-command": {
    means: "The game has no command with this name. Nothing happened.",
    todo: "Do not repeat it. The game of the server is another one than the client was made for, or a newer one.",
  },
  invalid: {
    means:
      "The body of the command does not fit the game, or a field of an order is not allowed. The detail names the field. Nothing happened.",
    todo: "Do not repeat it. Show the detail to a developer, or to the gamemaster.",
  },
  refused: {
    means: "The game does not allow the command now. The detail is a word of the game. Nothing happened.",
    todo: "Do what the game means by its word.",
  },
  failed: {
    means: "A handler of the game failed. Nothing happened, and the server has logged why.",
    todo: "Do not repeat it.",
  },
};

const kickWords: { readonly [R in KickReason]: Words } = {
  "logged-in-elsewhere": {
    means: "A newer login of the account took over. The character was saved.",
    todo: "Do not log in again automatically: that would disconnect the newer client. Let the player decide.",
  },
  "second-choice": {
    means: "The client chose a second character while the first was on its way to a map. The login is over.",
    todo: "Log in again, and send `char.choose` once.",
  },
  "lock-lost": {
    means: "This server does not own the account or the character any more; another login or server may.",
    todo: "Let the player decide whether to log in again: another client of the account may be playing.",
  },
  "server-stopping": {
    means: "The server stops. The character was saved.",
    todo: "Log in again after a few seconds. Spread the attempts of many clients over time.",
  },
  "cluster-link-lost": {
    means:
      "The server had no link to the servers behind it for too long. The character is as it was last saved.",
    todo: "Log in again after a few seconds.",
  },
  "timed-out": {
    means: "The client did not take its next step in time, so the server gave its character up.",
    todo: "Log in again.",
  },
  "save-failed": {
    means: "The character could not be saved. It is as it was last saved.",
    todo: "Log in again after a few seconds.",
  },
  banned: {
    means:
      "The account, the address or the device was banned, until `untilMs` or for ever. The character was saved.",
    todo: "Show the time and the text to the player. A login before that time is refused.",
  },
  kicked: {
    means: "An operator or a gamemaster put the client out. The character was saved.",
    todo: "Show the text. Do not log in again automatically: let the player decide.",
  },
  "credential-changed": {
    means: "The password was changed, and all logins before the change end. The character was saved.",
    todo: "Ask the player for the new password.",
  },
};

/** Returns the section about refusals and kicks. */
export function refusalsPart(): string {
  const requests = Object.entries<MessageRow>({
    ...loginDoorMessages,
    ...charDoorMessages,
    ...mapDoorMessages,
  });
  const requestsWith = (refusal: string): string => {
    const having = requests.filter(([, row]) => isRequestRow(row) && row.refusals.includes(refusal));
    const all = requests.filter(([, row]) => isRequestRow(row)).length;
    return having.length === all ? "all" : having.map(([name]) => `\`${name}\``).join(", ");
  };
  const rowsOf = (words: { readonly [word: string]: Words }, cells: (word: string) => readonly string[]) =>
    Object.entries(words).map(
      ([word, { means, todo }]) => `| ${[`\`${word}\``, ...cells(word), means, todo].join(" | ")} |`,
    );
  return `## Refusals

A refusal is an expected answer. It does not end the connection. With a retry-after time the request may succeed later: wait
for that time before you send it again, and add some random time, so that many clients do not come back at once. Without one
the same request is not expected to succeed. A nonce is good for one \`login.prove\`: ask for a new salt before you repeat it.

| refusal | of | what it means | what the client should do |
| --- | --- | --- | --- |
${rowsOf(refusalWords, (word) => [requestsWith(word)]).join("\n")}

\`client.kicked\` carries one of these reasons, and ends the connection:

| reason | what it means | what the client should do |
| --- | --- | --- |
${rowsOf(kickWords, () => []).join("\n")}`;
}
