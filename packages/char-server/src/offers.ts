import { toldFields } from "@sallyport/cluster-protocol";
import {
  type CharacterSummary,
  type Fence,
  type JsonObject,
  kickFor,
  type LoginTicket,
  type PublicAddress,
  type Standing,
} from "@sallyport/domain";
import type { LockTiming } from "@sallyport/lock-core";
import type { Host } from "@sallyport/server-kit";
import type { MapHost } from "./map-hosting.ts";

/** The message `character.expect` describes a character in this form. */
export interface Expected extends CharacterSummary {
  readonly ticket: LoginTicket;
  readonly accountFence: Fence;
  readonly trace: string;
  readonly attributes: JsonObject;
  readonly fence: Fence;
  readonly standing: Standing;
}

const lockLost = toldFields(kickFor("lock-lost"));

type Forgotten = Pick<Expected, "charId" | "fence"> & { readonly ticket: Pick<LoginTicket, "accountId"> };

export class Offers {
  readonly #log: Host["log"];
  readonly #timing: LockTiming;

  constructor({ log }: Pick<Host, "log">, timing: LockTiming) {
    this.#log = log;
    this.#timing = timing;
  }

  async expect(host: MapHost, expected: Expected, withinMs: number) {
    const { ticket, accountFence, trace, charId, name, slot, looks, position, attributes, fence } = expected;
    const { role, mutedUntilMs } = expected.standing;
    const answer = await host.link.ask(
      {
        type: "character.expect",
        ...ticket,
        accountFence,
        charId,
        charFence: fence,
        name,
        slot,
        looks,
        position,
        attributes: JSON.stringify(attributes),
        waitMs: this.#timing.charToMapMs,
        trace,
        role,
        mutedUntilMs,
      },
      Math.max(1, Math.ceil(withinMs)),
    );
    if (!answer.ok) {
      const level = answer.refusal === "state-invalid" ? "error" : "warn";
      this.#log[level](
        { ...marksOf(host, expected), why: answer.detail ?? answer.refusal },
        "map-server declined a character",
      );
    }
    return answer;
  }

  handedOver(host: MapHost, expected: Expected): PublicAddress {
    this.#log.info(marksOf(host, expected), "character handed over");
    return host.address;
  }

  forget(host: MapHost, { ticket: { accountId }, charId, fence: charFence }: Forgotten): void {
    host.link.notify({ type: "character.forget", accountId, charId, charFence, ...lockLost });
  }
}

const marksOf = ({ server: peer }: MapHost, { ticket, trace, charId, position }: Expected) => ({
  trace,
  accountId: ticket.accountId,
  charId,
  peer,
  map: position.map,
});

/** Only an operator can help if the attributes of the character fit no version of the game. */
export const whyDeclined = ({
  refusal,
}: {
  readonly refusal: string;
}): "map-unavailable" | "state-invalid" => (refusal === "state-invalid" ? refusal : "map-unavailable");
