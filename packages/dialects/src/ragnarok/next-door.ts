import type { OtherDoor } from "@sallyport/domain";
import { isIpv4 } from "./field.ts";

export const dialectName = "ragnarok";

/** Where clients of this family go next; undefined: nowhere there. They know addresses only, no names of hosts. */
export function nextDoor({
  otherDoors,
}: {
  readonly otherDoors: readonly OtherDoor[];
}): OtherDoor | undefined {
  return otherDoors.find(({ dialect, host }) => dialect === dialectName && isIpv4(host));
}
