import { isIP } from "node:net";
import type { TrailRow } from "@sallyport/database";
import { accepted, refusedWith } from "@sallyport/domain";
import { loginTimes } from "../account-text.ts";
import type { TrailAnswer, TrailEntryRow } from "../answers.ts";
import { trailText } from "../trail-text.ts";
import { countField, formField, optional, textField } from "./fields.ts";
import { request } from "./request.ts";

const entriesMax = 1_000;

/** An address without a zone, or a network like `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  const [, host = "", bits = "0"] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bitsMax = { 0: -1, 4: 32, 6: 128 }[isIP(host)] ?? -1;
  return Number(bits) <= bitsMax;
}

export const log = request({
  command: "log",
  method: "GET",
  path: "/trail",
  role: "gamemaster",
  doc: "show what happened to an account, or from an address: logins, refusals and commands, the newest first",
  fields: {
    name: textField("name of an account or of a character, #ID of either, an address, or a network", 254),
    limit: optional(countField("number of entries; default 50", 1, entriesMax)),
    before: optional(
      formField(
        "place at which the previous list ended: its `next`",
        "the `next` of the list before (an id, not a time)",
        (text) => /^[0-9a-f-]{36}$/.test(text),
      ),
    ),
  },
  args: ["name"],
  async answer({ lookup, trail }, { name, limit, before }) {
    const page = { before, limit: limit ?? 50 };
    const nobody = { accountIds: [], charIds: [], address: null };
    if (isNetwork(name)) {
      const found = await trail.read({ ...nobody, ...page, address: name });
      return accepted<TrailAnswer>({
        name,
        accounts: [],
        counts: [],
        logins: [],
        entries: found.rows.map(entryOf),
        next: found.before,
      });
    }
    const id = /^#(\d{1,10})$/.exec(name)?.[1];
    const accounts = await lookup.find(name);
    // The trail of an account that was deleted has its id alone.
    if (accounts.length === 0 && id === undefined)
      return refusedWith("not-found", "no account or character has this name; #ID finds deleted accounts");
    const accountIds = accounts.length > 0 ? accounts.map(({ accountId }) => accountId) : [Number(id)];
    const charIds = accounts.flatMap(({ characters }) => characters.map(({ charId }) => charId));
    const [found, counts, logins] = await Promise.all([
      trail.read({ ...nobody, ...page, accountIds, charIds }),
      trail.counts(accountIds),
      Promise.all(accountIds.map((accountId) => trail.logins(accountId, loginsShown))),
    ]);
    return accepted<TrailAnswer>({
      name,
      accounts: accounts.map(({ accountId, ...of }) => ({ accountId, name: of.name ?? of.email ?? "" })),
      counts: counts.map((of) => ({
        accountId: of.account_id,
        logOns: of.log_ons,
        logOffs: of.log_offs,
      })),
      logins: logins.flat().map(loginTimes),
      entries: found.rows.map(entryOf),
      next: found.before,
    });
  },
  text: trailText,
});

const loginsShown = 5;

const entryOf = (row: TrailRow): TrailEntryRow => ({
  at: row.at,
  what: row.what,
  accountId: row.account_id,
  charId: row.char_id,
  address: row.address,
  device: row.device,
  dialect: row.dialect,
  clientVersion: row.client_version,
  server: row.server,
  by: row.by,
  why: row.why,
  detail: row.detail,
});
