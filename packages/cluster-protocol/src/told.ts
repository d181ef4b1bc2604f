import { type Kick, type KickReason, kickReasons, kickTextUnitsMax } from "@sallyport/domain";
import { nullable, oneOf, record, text, u53, withFallback } from "@sallyport/wire";

/** Servers of the version before `told` know no other reasons, and would close the link. */
const plainReasons = [
  "logged-in-elsewhere",
  "second-choice",
  "lock-lost",
  "server-stopping",
  "cluster-link-lost",
  "timed-out",
  "save-failed",
] as const satisfies readonly KickReason[];
type PlainReason = (typeof plainReasons)[number];

export interface ToldFields {
  readonly reason: PlainReason;
  readonly told: {
    readonly reason: string;
    readonly untilMs: number | null;
    readonly text: string | null;
  } | null;
}

export const kickReason = oneOf(plainReasons, "what the client is told, unless `told` says it");
export const told = withFallback(
  nullable(
    record({
      reason: text(32, "of `client.kicked`; a server that does not know it uses `reason`"),
      untilMs: nullable(u53("ms since 1970")),
      text: nullable(text(kickTextUnitsMax, "what an operator wrote for the player")),
    }),
    "null: `reason` says it all",
  ),
  null,
);

const isPlain = (reason: KickReason): reason is PlainReason =>
  (plainReasons as readonly KickReason[]).includes(reason);

/** Returns the fields with which a message between servers carries the kick. */
export function toldFields({ reason, untilMs, text }: Kick): ToldFields {
  if (isPlain(reason) && untilMs === null && text === null) return { reason, told: null };
  return { reason: isPlain(reason) ? reason : "lock-lost", told: { reason, untilMs, text } };
}

export function kickFrom({ reason: plain, told }: ToldFields): Kick {
  if (told === null) return { reason: plain, untilMs: null, text: null };
  const reason = kickReasons.find((each) => each === told.reason) ?? plain;
  return { reason, untilMs: told.untilMs, text: told.text };
}
