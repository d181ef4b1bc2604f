import type { Target } from "../attack/attack.ts";

/** A port, and the variable that sets it. */
export type Door = Omit<Target, "host" | "port"> & { readonly variable: string };

const tiers = ["login", "char", "map"] as const;
const kinds = {
  tcp: (tier: string) => `${tier}_PORT`,
  websocket: (tier: string) => `${tier}_WS_PORT`,
  ragnarok: (tier: string) => `RAGNAROK_${tier}_PORT`,
} as const;
const prefixes = { server: "", gateway: "GATEWAY_" } as const;

const doorsAt = (at: Door["at"]): Door[] =>
  tiers.flatMap((tier) =>
    (["tcp", "websocket", "ragnarok"] as const).map((kind) => ({
      ...{ at, tier, kind },
      variable: prefixes[at] + kinds[kind](tier.toUpperCase()),
    })),
  );

export const serverDoors: readonly Door[] = doorsAt("server");
export const gatewayDoors: readonly Door[] = doorsAt("gateway");
export const linkDoors: readonly Door[] = (["login", "char"] as const).map((tier) => ({
  ...{ at: "server", tier, kind: "link" },
  variable: `${tier.toUpperCase()}_LINK_PORT`,
}));

/** The setting of each public port, with the gateway's door that it has to name. */
export const publicVariables: Readonly<Record<string, string>> = {
  CHAR_PUBLIC_PORT: "GATEWAY_CHAR_PORT",
  MAP_PUBLIC_PORT: "GATEWAY_MAP_PORT",
  RAGNAROK_CHAR_PUBLIC_PORT: "GATEWAY_RAGNAROK_CHAR_PORT",
  RAGNAROK_MAP_PUBLIC_PORT: "GATEWAY_RAGNAROK_MAP_PORT",
};
