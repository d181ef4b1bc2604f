import type { MapServerStatus } from "@sallyport/char-server";
import { counted, printable, table } from "@sallyport/command-line";
import type {
  CharactersAnswer,
  LockRow,
  LocksAnswer,
  LoginVerdict,
  ServerCondition,
  ServerRow,
  ServersAnswer,
  WhoisAccount,
  WhoisAnswer,
} from "./answers.ts";
import { notes, orDash, paragraphs } from "./columns.ts";
import { mending } from "./lock-words.ts";
import { duration, moment } from "./plain-words.ts";

/* The answers of the admin port as text for people. */

/** The maximum number of names in one cell. More names would push the next columns out of sight. */
const namesShown = 6;

function listed(names: readonly string[]): string {
  const more = names.length - namesShown;
  return orDash([...names.slice(0, namesShown), ...(more > 0 ? [`and ${more} more`] : [])].join(", "));
}

const conditionWords: { readonly [C in ServerCondition]: string } = {
  up: "up",
  draining: "draining",
  suspect: "up, a link is not up",
  away: "away",
  unlinked: "not linked",
  silent: "linked, no presence",
  unreadable: "lock unreadable",
};

/** `nowMs` is in milliseconds since 1970. */
export function serversText({ servers, unseen }: ServersAnswer, nowMs: number): string {
  const head = ["KIND", "NAME", "WORLD", "STATE", "PLAYERS", "CLIENTS", "MAPS", "LINKS", "PROCESS", "SINCE"];
  const shown = servers.length === 0 ? "This server knows of no server that is up." : "";
  const rows = servers.map((server) => serverCells(server, nowMs));
  return paragraphs(servers.length === 0 ? shown : table(head, rows), notes(unseen));
}

function serverCells({ kind, name, world, condition, leftMs, presence }: ServerRow, nowMs: number): string[] {
  const left = leftMs === null ? "" : `, ${duration(leftMs)} left to come back`;
  const who = [kind, name, orDash(world), conditionWords[condition] + left];
  if (presence === null) return [...who, "-", "-", "-", "-", "-", "-"];
  const { players, capacity, clients, maps, links, machine, pid, sinceMs } = presence;
  const hasPlayers = kind === "char" || kind === "map";
  return [
    ...who,
    hasPlayers ? (capacity === null ? String(players) : `${players} of ${capacity}`) : "-",
    String(clients),
    listed(maps),
    listed(links.map(linkText)),
    `${machine}:${pid}`,
    duration(Math.max(0, nowMs - sinceMs)),
  ];
}

const linkText = ({ kind, name, state }: NonNullable<ServerRow["presence"]>["links"][number]): string =>
  `${name === null ? kind : `${kind} ${name}`}${state === "up" ? "" : ` (${state})`}`;

export function locksText({ locks, next, unseen }: LocksAnswer): string {
  const head = ["KIND", "WORLD", "WHOSE", "STATE", "OWNER", "TO", "TIMER", "TRACE"];
  const shown = locks.length === 0 ? "No such locks." : table(head, locks.map(lockCells));
  const more = next === null ? "" : `There are more: --after ${next}`;
  const bad = locks.flatMap((lock) => mending(lock) ?? []).map((todo) => `Unreadable: ${printable(todo)}`);
  return paragraphs(shown, bad.join("\n"), more, notes(unseen));
}

function lockCells(lock: LockRow): string[] {
  const { kind, world, accountId, charId, server, state, owner, ownerState, ownerLeftMs, target } = lock;
  const account = accountId === null ? (server ?? "") : `account #${accountId}`;
  const away = ownerLeftMs === null ? "" : `, ${duration(ownerLeftMs)}`;
  const isThere = ownerState === null || ownerState === "connected";
  return [
    kind,
    orDash(world),
    charId === null ? account : `${account}, character #${charId}`,
    state,
    orDash(owner) + (isThere ? "" : ` (${ownerState}${away})`),
    orDash(target),
    lock.leftMs === null ? "-" : duration(lock.leftMs),
    orDash(lock.trace),
  ];
}

export function charactersText({ characters }: CharactersAnswer): string {
  const head = ["CHARACTER", "ID", "WORLD", "SAVED ON", "LAST PLAYED", "ACCOUNT"];
  const rows = characters.map(({ name, charId, world, map, lastPlayedAt, account, accountId }) => [
    name,
    `#${charId}`,
    world,
    map,
    lastPlayedAt === null ? "never" : moment(Date.parse(lastPlayedAt)),
    `${account} (#${accountId})`,
  ]);
  const kept = characters
    .map(({ name, attributes }) => [name, JSON.stringify(attributes)] as const)
    .filter(([, attributes]) => attributes !== "{}");
  return paragraphs(table(head, rows), kept.length === 0 ? "" : table(["CHARACTER", "ATTRIBUTES"], kept));
}

export function mapServerText({ server, state, players, maps }: MapServerStatus): string {
  const only = maps.length > 0 ? `; it hosts ${maps.join(", ")}` : "";
  return `${server} is ${state}: ${counted(players, "player")}${only}\n`;
}

const verdictWords: { readonly [V in LoginVerdict]: string } = {
  "can-log-in": "It can log in now.",
  "in-use": "It is in use. It can log in: the server disconnects the client that uses it now.",
  waits: "It has to wait.",
  banned: "It cannot log in: it is banned.",
  "place-banned": "It cannot log in from where it last did: clients from there are banned.",
  unconfirmed: "It cannot log in: its e-mail address is not confirmed.",
  "no-world": "It cannot log in: no world is available.",
  "lock-unreadable": "It cannot log in: one of its locks in the store cannot be read.",
  "not-known": "This server cannot tell whether it can log in.",
};

export function whoisText({ name, accounts, unseen }: WhoisAnswer): string {
  const nobody = `No account or character is named ${printable(name)}. #ID finds an account by its id.`;
  return paragraphs(...(accounts.length === 0 ? [nobody] : accounts.map(accountText)), notes(unseen));
}

function accountText({ characters, verdict, waitMs, says, todo }: WhoisAccount): string {
  const wait = waitMs === null ? "" : ` At most ${duration(waitMs)}.`;
  const rows = characters.map(({ name, charId, world, map, lastPlayedAt }) => [
    name,
    `#${charId}`,
    world,
    map,
    lastPlayedAt === null ? "never" : moment(Date.parse(lastPlayedAt)),
  ]);
  return [
    `${verdictWords[verdict]}${wait}`,
    ...says.map((sentence) => `  ${printable(sentence)}`),
    ...(todo.length === 0 ? [] : ["To do:", ...todo.map((each) => `  ${each}`)]),
    ...(rows.length === 0
      ? ["It has no characters."]
      : ["", table(["CHARACTER", "ID", "WORLD", "SAVED ON", "LAST PLAYED"], rows)]),
  ].join("\n");
}
