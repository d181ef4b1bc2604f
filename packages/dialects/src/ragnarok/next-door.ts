import type { OtherDoor } from "@sallyport/domain";
import { isIpv4 } from "./field.ts";

export const dialectName = "ragnarok";

/**
 * Returns the address of the next server for Ragnarok clients, which accept only IPv4 addresses. Returns
 * undefined if that server has no such address.
 */
export function nextDoor({
  otherDoors,
}: {
  readonly otherDoors: readonly OtherDoor[];
}): OtherDoor | undefined {
  return otherDoors.find(({ dialect, host }) => dialect === dialectName && isIpv4(host));
}
