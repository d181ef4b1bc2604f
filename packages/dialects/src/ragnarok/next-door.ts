import type { OtherDoor } from "@sallyport/domain";
import { isIpv4 } from "./field.ts";

export const dialectName = "ragnarok";

/**
 * The next server's address for Ragnarok clients, which accept only IPv4 addresses. Undefined if the server
 * has no such address.
 */
export function nextDoor({
  otherDoors,
}: {
  readonly otherDoors: readonly OtherDoor[];
}): OtherDoor | undefined {
  return otherDoors.find(({ dialect, host }) => dialect === dialectName && isIpv4(host));
}
