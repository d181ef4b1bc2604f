import type { charToLogin, loginToChar } from "@sallyport/cluster-protocol";
import type { HintBus } from "@sallyport/directory";
import {
  type Announced,
  accepted,
  characterNameUnitsMax,
  type JsonObject,
  type Outcome,
  orderBounds,
} from "@sallyport/domain";
import type { Link } from "@sallyport/link";
import { type Host, orUnavailable } from "@sallyport/server-kit";

export interface AnnouncementsDeps {
  /** Null: there is no other login-server. */
  readonly hints: HintBus | null;
  readonly links: () => readonly Link<typeof loginToChar, typeof charToLogin>[];
}

const topic = "announcement";

/** Passes announcements to all worlds: over the links here, and as hints to the other login-servers. */
export class Announcements {
  readonly #host: Pick<Host, "log">;
  readonly #deps: AnnouncementsDeps;
  readonly #stopListening: () => void;

  constructor(host: Pick<Host, "log">, deps: AnnouncementsDeps) {
    this.#host = host;
    this.#deps = deps;
    const listening = deps.hints?.listen(topic, (hint) => {
      const announced = announcedIn(hint);
      if (announced !== null) this.#tellHere(announced);
    });
    this.#stopListening = () => listening?.stop();
  }

  /** The bus brings a hint back to this login-server too. */
  async announce({ text, from }: Announced): Promise<Outcome<Record<never, never>, "unavailable">> {
    const { hints } = this.#deps;
    return orUnavailable(this.#host.log, async () => {
      if (hints === null) this.#tellHere({ text, from });
      else await hints.tell(topic, { text, from });
      return accepted({});
    });
  }

  stop(): void {
    this.#stopListening();
  }

  #tellHere({ text, from }: Announced): void {
    for (const link of this.#deps.links()) link.notify({ type: "announcement", text, from });
  }
}

/** Returns null if this process cannot understand the hint. A newer version may have sent it. */
function announcedIn({ text, from }: JsonObject): Announced | null {
  if (typeof text !== "string" || text.length > orderBounds.textMax) return null;
  if (from !== null && (typeof from !== "string" || from.length > characterNameUnitsMax)) return null;
  return { text, from };
}
