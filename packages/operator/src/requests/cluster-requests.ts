import type { MapServerStatus } from "@sallyport/char-server";
import { accepted, refusedWith } from "@sallyport/domain";
import { lockKinds, serverLockTable } from "@sallyport/lock-core";
import { unreadable } from "../lock-rows.ts";
import { accountWords, characterWords } from "../lock-words.ts";
import { locksText, mapServerText, serversText, whoisText } from "../tables.ts";
import { choiceField, countField, optional, textField } from "./fields.ts";
import { noWorld, request } from "./request.ts";

/* Requests about servers and locks. */

/** A page has at most about this many locks. */
export const pageMax = 1_000;
const nameUnitsMax = 64;

/** Of all kinds of locks. */
const lockStates: readonly string[] = [
  ...new Set([accountWords, characterWords, serverLockTable].flatMap(Object.keys)),
  unreadable,
];

export const servers = request({
  command: "servers",
  method: "GET",
  path: "/servers",
  role: "gamemaster",
  doc: "list the servers that are up, the maps that they host and the state of their links",
  fields: {},
  args: [],
  answer: async ({ view }) => accepted(await view.servers()),
  text: serversText,
});

export const locks = request({
  command: "locks",
  method: "GET",
  path: "/locks",
  role: "gamemaster",
  doc: "list the locks: which server owns which account and character, and which timers run",
  fields: {
    kind: optional(choiceField("only locks of this kind", lockKinds)),
    state: optional(choiceField("only locks in this state", lockStates)),
    owner: optional(textField("only locks that this server owns", nameUnitsMax)),
    world: optional(textField("only locks of this world", nameUnitsMax)),
    limit: optional(countField("number of locks to list, about; default 100", 1, pageMax)),
    after: optional(textField("place at which the previous list ended: its `next`", 4_096)),
  },
  args: [],
  answer: async ({ view }, { limit, kind, state, owner, world, after }) =>
    accepted(
      await view.locks({
        limit: limit ?? 100,
        kind: kind ?? undefined,
        state: state ?? undefined,
        owner: owner ?? undefined,
        world: world ?? undefined,
        after: after ?? undefined,
      }),
    ),
  text: locksText,
});

export const whois = request({
  command: "whois",
  method: "GET",
  path: "/whois",
  role: "gamemaster",
  doc: "show who owns an account or character, and why it cannot log in",
  fields: { name: textField("name of an account or of a character, an e-mail address, or #ID", 254) },
  args: ["name"],
  async answer({ view, login }, { name }) {
    const { isConfirmationRequired } = login ?? { isConfirmationRequired: null };
    return accepted(await view.whois(name, { isConfirmationRequired }));
  },
  text: whoisText,
});

const serverField = textField("name of a map-server", 32);

export const mapServer = request({
  command: "map-server",
  method: "GET",
  path: "/map-servers/:server",
  role: "gamemaster",
  doc: "show whether a map-server is up, draining or away, its maps, and how many players it has",
  fields: { server: serverField },
  args: ["server"],
  answer: async ({ world }, { server }) =>
    world === null ? noWorld() : statusOr(world.statusOf(server), server),
  text: mapServerText,
});

export const drain = request({
  command: "drain",
  method: "POST",
  path: "/map-servers/:server/drain",
  role: "administrator",
  doc: "hand the maps and players of a map-server over to others, and stop it",
  fields: { server: serverField },
  args: ["server"],
  answer: async ({ world }, { server }) =>
    world === null ? noWorld() : statusOr(await world.drain(server), server),
  text: mapServerText,
});

const statusOr = (status: MapServerStatus | null, server: string) =>
  status === null
    ? refusedWith("not-found", `no map-server ${server} is linked to this char-server`)
    : accepted(status);
