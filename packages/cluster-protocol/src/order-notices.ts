import { type AccountId, deviceIdUnitsMax, kickTextUnitsMax, roles } from "@sallyport/domain";
import { as, flag, list, nullable, oneOf, record, text, u32, u53, withFallback } from "@sallyport/wire";

/** What operators decided about an account. Char-servers of earlier versions do not send it. */
export const standing = {
  role: withFallback(oneOf(roles, "what operators let the account do"), "player"),
  mutedUntilMs: withFallback(
    nullable(u53("ms since 1970; null: the account may speak; 2⁵³ - 1: muted for ever")),
    null,
  ),
};

/** With these notices, a char-server passes on what operators decided. */
export const orderNotices = {
  "account.changed": {
    id: 0x0126,
    doc: "Operators changed what the account may do. Sent to all map-servers, several times, because a map-server may be about to get the character.",
    fields: { accountId: as<AccountId>(u32("the account")), ...standing },
  },
  "bans.changed": {
    id: 0x0127,
    doc: "Bans of networks and devices that were made, changed or lifted. When a map-server announces itself, it gets all bans that hold, a page at a time: when the last page has come, it forgets all others.",
    fields: {
      bans: list(
        record({
          id: u53(),
          network: nullable(text(64, "in CIDR notation")),
          device: nullable(text(deviceIdUnitsMax, "as clients show it")),
          untilMs: nullable(u53("ms since 1970; null: for ever")),
          text: nullable(text(kickTextUnitsMax, "for the player")),
          isLifted: flag(),
        }),
        200,
      ),
      isFirst: flag("the first page of all bans that hold"),
      isLast: flag("the last page"),
    },
  },
} as const;
