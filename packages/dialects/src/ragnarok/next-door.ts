import type { OtherDoor } from "@sallyport/domain";
import { isIpv4 } from "./field.ts";

export const dialectName = "ragnarok";

/**
 * The address to which Ragnarok clients go next; undefined: they cannot go there. These clients know only
 * IPv4 addresses, no host names.
 */
export function nextDoor({
  otherDoors,
}: {
  readonly otherDoors: readonly OtherDoor[];
}): OtherDoor | undefined {
  return otherDoors.find(({ dialect, host }) => dialect === dialectName && isIpv4(host));
}
