import { accepted, kickTextUnitsMax, refusedWith } from "@sallyport/domain";
import type { NetworkBanAnswer, NetworkBansAnswer } from "../answers.ts";
import { banAnswer, bansText } from "../ban-text.ts";
import { countField, futureMs, optional, textField, untilField } from "./fields.ts";
import { request } from "./request.ts";

/*
 * Requests about bans of addresses, networks and devices. A ban counts at once on all servers: clients that it
 * meets are saved and disconnected.
 */

const listedMax = 1_000;

type Banned = { readonly network: string } | { readonly device: string };

const ban = (kind: string, what: string, banned: (of: string) => Banned) =>
  request({
    command: `ban ${kind}`,
    method: "POST",
    path: `/bans/${kind}`,
    role: "gamemaster",
    doc: `ban ${what}; clients that it meets have to leave, and are told why and until when`,
    fields: {
      of: textField(what, 128),
      until: untilField("how long, or until when"),
      reason: optional(textField("what players are told, and what the trail has", kickTextUnitsMax)),
    },
    args: ["of"],
    async answer({ networkBans, orderGiven, wallMs }, { of, until, reason }, { name: by }) {
      const untilMs = futureMs(until, wallMs());
      if (!untilMs.ok) return untilMs;
      const added = await networkBans.add({ of: banned(of), untilMs: untilMs.value, reason, by });
      if (!added.ok) return refusedWith("invalid", `of: not ${what}`);
      orderGiven();
      return accepted<NetworkBanAnswer>({ banId: added.value.id });
    },
    text: ({ banId }) => `Ban #${banId} counts from now on. "sallyport ban lift ${banId}" ends it.\n`,
  });

export const banAddress = ban("address", "an address like 203.0.113.7 or 2001:db8::7", (network) => ({
  network,
}));
export const banNetwork = ban("network", "a network like 203.0.113.0/24 or 2001:db8::/64", (network) => ({
  network,
}));
export const banDevice = ban("device", "a device, as `log` shows it", (device) => ({ device }));

export const listBans = request({
  command: "ban list",
  method: "GET",
  path: "/bans",
  role: "gamemaster",
  doc: "list the bans of addresses, networks and devices that hold, the newest first",
  fields: { limit: optional(countField("number of bans; default 100", 1, listedMax)) },
  args: [],
  answer: async ({ networkBans }, { limit }) =>
    accepted<NetworkBansAnswer>({ bans: (await networkBans.list(limit ?? 100)).map(banAnswer) }),
  text: bansText,
});

export const liftBan = request({
  command: "ban lift",
  method: "POST",
  path: "/bans/:id/lift",
  role: "gamemaster",
  doc: "end a ban of an address, a network or a device",
  fields: {
    id: countField("number of the ban", 1, Number.MAX_SAFE_INTEGER),
    reason: optional(textField("why, for the trail", kickTextUnitsMax)),
  },
  args: ["id"],
  async answer({ networkBans, orderGiven }, { id }) {
    const lifted = await networkBans.lift(id);
    if (!lifted.ok) return refusedWith("not-found", `no ban #${id} holds`);
    orderGiven();
    return accepted<NetworkBanAnswer>({ banId: id });
  },
  text: ({ banId }) => `Ban #${banId} has ended.\n`,
});
