import type { LoginRow, MadeNetworkBan } from "@sallyport/database";
import { BanList } from "@sallyport/server-kit";

/** An address or a device from which an account logged in, and the ban that now keeps clients of it out. */
export interface BannedPlace {
  readonly address: string | null;
  readonly device: string | null;
  readonly ban: MadeNetworkBan;
  /** The newest login came from there. */
  readonly isLast: boolean;
}

/**
 * Finds the bans that would meet the logins, each with its newest login. It asks the list that doors ask, so
 * both always agree. `logins` has the newest first.
 */
export function bannedPlaces(
  logins: readonly Pick<LoginRow, "address" | "device">[],
  bans: readonly MadeNetworkBan[],
  nowMs: number,
): readonly BannedPlace[] {
  const list = new BanList(() => nowMs);
  list.learn(bans);
  const made = new Map(bans.map((ban) => [ban.id, ban]));
  const found = new Map<number, BannedPlace>();
  for (const [nth, { address, device }] of logins.entries()) {
    const places = [
      { address, device: null, met: address === null ? null : list.ofAddress(address) },
      { address: null, device, met: list.ofDevice(device) },
    ];
    for (const { met, ...place } of places) {
      const ban = met === null ? undefined : made.get(met.id);
      if (ban !== undefined && !found.has(ban.id)) found.set(ban.id, { ...place, ban, isLast: nth === 0 });
    }
  }
  return [...found.values()];
}
