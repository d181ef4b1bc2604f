import { isDeepStrictEqual } from "node:util";
import type { LinkName, ServerName } from "./names.ts";

/** What a fault hits. The door of a server is where its clients come in. */
export type Part =
  | { readonly kind: "redis" }
  | { readonly kind: "postgres" }
  | { readonly kind: "server"; readonly name: ServerName }
  | { readonly kind: "door"; readonly name: ServerName }
  | { readonly kind: "link"; readonly name: LinkName };

export type PartOf<K extends Part["kind"]> = Extract<Part, { readonly kind: K }>;

const described: { readonly [K in Part["kind"]]: (part: PartOf<K>) => string } = {
  redis: () => "redis",
  postgres: () => "postgres",
  server: ({ name }) => `server ${name}`,
  door: ({ name }) => `door of ${name}`,
  link: ({ name }) => `link from ${name}`,
};

/** No two parts have the same text. */
export const describePart = (part: Part): string => (described[part.kind] as (part: Part) => string)(part);

export const isOneOf = (parts: readonly Part[], part: Part): boolean =>
  parts.some((each) => isDeepStrictEqual(each, part));
