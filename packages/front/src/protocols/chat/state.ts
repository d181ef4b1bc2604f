import type { CharId } from "@sallyport/domain";
import type { ClientKey } from "./frames.ts";

interface Trying {
  /** How many times this client was told FAILURE. */
  readonly failures: number;
  /** Names that are not registered again for this client. An attempt counts as a failed login. */
  readonly known: readonly string[];
}
interface Named extends Trying {
  readonly name: string;
}
interface Chosen {
  /** The name of the character, under which others hear this client. */
  readonly alias: string;
}

export type ChatState =
  | ({ readonly at: "name" } & Trying)
  | ({ readonly at: "password" } & Named)
  | ({ readonly at: "logging-in"; readonly password: string } & Named)
  /** The name may be unknown: the servers are asked to make an account. */
  | ({ readonly at: "registering"; readonly password: string } & Named)
  /** A character is found or made. `names` are those that are left to try for a new one. */
  | ({ readonly at: "preparing"; readonly names: readonly string[] } & Named)
  | ({ readonly at: "key"; readonly charId: CharId } & Chosen)
  | ({ readonly at: "entering"; readonly key: ClientKey } & Chosen)
  | ({
      readonly at: "in-room";
      readonly key: ClientKey;
      /** The players in the room by their ids, without this one. */
      readonly present: ReadonlyMap<CharId, string>;
      /**
       * Players that were present on the map-server before a hop, and are not seen yet after it. They come again
       * without having been away.
       */
      readonly before: ReadonlySet<CharId>;
    } & Chosen)
  | { readonly at: "leaving" };
