import type { AccountId, CharId, Fence } from "@sallyport/domain";
import { as, record, text, u16, u32, u53 } from "@sallyport/wire";

/** The fields that messages of several tables have. */

export const accountId = as<AccountId>(u32("the account"));
export const charId = as<CharId>(u32("the character"));
export const charFence = as<Fence>(u53("of the character, as it was raised for this owner"));
export const position = record({ map: text(24), x: u16(), y: u16() });
