import {
  type AccountId,
  type CharId,
  characterNameUnitsMax,
  kickReasons,
  kickTextUnitsMax,
  type LoginId,
  sexes,
} from "@sallyport/domain";
import { as, nullable, oneOf, record, text, u8, u16, u32, u53, withFallback } from "@sallyport/wire";

/* Fields and messages that several doors share. */

export const accountId = as<AccountId>(u32("the account"));
export const charId = as<CharId>(u32("the character"));
export const loginId1 = as<LoginId>(u32("first half of the login ids; never 0"));
export const loginId2 = as<LoginId>(u32("second half"));
export const sex = oneOf(sexes);
export const position = record({
  map: text(24, "map name"),
  x: u16("cells from the west; on some maps units, see `map.report`"),
  y: u16("cells from the north"),
});
export const characterName = text(characterNameUnitsMax, "at most 23 code points");
export const character = { charId, slot: u8("0-based"), name: characterName, position };

/** This field is new, so older servers do not send it. */
export const wsUrl = withFallback(
  nullable(text(255, "where clients over WebSocket connect; null: nowhere")),
  null,
);

export const kicked = {
  id: 0x00f0,
  doc: "The server says why it ends the connection, and closes it.",
  fields: {
    reason: oneOf(
      kickReasons,
      "an older client is told `lock-lost` instead of a reason that it does not know",
    ),
    untilMs: withFallback(nullable(u53("ms since 1970; null: a ban without end, or no ban")), null),
    text: withFallback(nullable(text(kickTextUnitsMax, "what an operator wrote for the player")), null),
  },
} as const;
