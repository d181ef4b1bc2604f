import { isIP } from "node:net";
import { accepted, kickTextUnitsMax, refusedWith } from "@sallyport/domain";
import { isWideNetwork } from "@sallyport/server-kit";
import type { BansAnswer, NetworkBanAnswer } from "../answers.ts";
import { banAnswer, bannedAccount, bansText } from "../ban-text.ts";
import {
  countField,
  type FieldValues,
  flagField,
  formField,
  futureMs,
  idField,
  optional,
  textField,
  untilField,
} from "./fields.ts";
import { type Answered, type Caller, request, type Services } from "./request.ts";

/*
 * Requests about bans of addresses, networks and devices. A ban counts at once on all servers: clients that it
 * meets are saved and disconnected.
 */

const listedMax = 1_000;

type Banned = { readonly network: string } | { readonly device: string };

const howLong = {
  until: untilField("how long, or until when"),
  reason: optional(textField("what players are told, and what the trail has", kickTextUnitsMax)),
};

const ban = (kind: string, what: string) =>
  ({
    command: `ban ${kind}`,
    method: "POST",
    path: `/bans/${kind}`,
    role: "gamemaster",
    doc: `ban ${what}; clients that it meets have to leave, and are told why and until when`,
    args: ["of"],
    text: ({ banId }: NetworkBanAnswer) =>
      `Ban #${banId} counts from now on. "sallyport ban lift ${banId}" ends it.\n`,
  }) as const;

async function add(
  { networkBans, orderGiven, wallMs }: Services,
  of: Banned,
  { until, reason }: FieldValues<typeof howLong>,
  { name: by }: Caller,
): Answered<NetworkBanAnswer> {
  const untilMs = futureMs(until, wallMs());
  if (!untilMs.ok) return untilMs;
  const added = await networkBans.add({ of, untilMs: untilMs.value, reason, by });
  if (!added.ok) return refusedWith("invalid", "of: nothing that can be banned");
  orderGiven();
  return accepted({ banId: added.value.id });
}

const anAddress = "an address like 203.0.113.7 or 2001:db8::7";
const isAddress = (text: string): boolean => isIP(text) !== 0 && !text.includes("%");

export const banAddress = request({
  ...ban("address", anAddress),
  fields: { of: formField(anAddress, `${anAddress}; ban network takes networks`, isAddress), ...howLong },
  answer: (services, { of: network, ...how }, caller) => add(services, { network }, how, caller),
});

const aNetwork = "a network like 203.0.113.0/24 or 2001:db8::/64";

export const banNetwork = request({
  ...ban("network", aNetwork),
  fields: {
    of: formField(aNetwork, aNetwork, (text) => isWideNetwork(text) !== null),
    ...howLong,
    force: flagField("whether to ban a network wider than /16, or /32 of IPv6, with very many players"),
  },
  async answer(services, { of: network, force, ...how }, caller) {
    if (force !== true && isWideNetwork(network) === true)
      return refusedWith("invalid", "of: wider than /16, or /32 of IPv6; force bans it nevertheless");
    return add(services, { network }, how, caller);
  },
});

const aDevice = "a device, as `log` shows it";

export const banDevice = request({
  ...ban("device", aDevice),
  fields: { of: textField(aDevice, 128), ...howLong },
  answer: (services, { of: device, ...how }, caller) => add(services, { device }, how, caller),
});

export const listBans = request({
  command: "ban list",
  method: "GET",
  path: "/bans",
  role: "gamemaster",
  doc: "list the bans that hold, of addresses, networks and devices, and the accounts that are banned, the newest first",
  fields: {
    limit: optional(countField("number of bans, and of banned accounts; default 100", 1, listedMax)),
  },
  args: [],
  async answer({ networkBans, lookup }, { limit: asked }) {
    const limit = asked ?? 100;
    // One more of each shows whether there are more.
    const [bans, accounts] = await Promise.all([networkBans.list(limit + 1), lookup.banned(limit + 1)]);
    return accepted<BansAnswer>({
      bans: bans.slice(0, limit).map(banAnswer),
      accounts: accounts.slice(0, limit).map(bannedAccount),
      hasMore: Math.max(bans.length, accounts.length) > limit,
    });
  },
  text: bansText,
});

export const liftBan = request({
  command: "ban lift",
  method: "POST",
  path: "/bans/:id/lift",
  role: "gamemaster",
  doc: "end a ban of an address, a network or a device",
  fields: {
    id: idField("number of the ban"),
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
