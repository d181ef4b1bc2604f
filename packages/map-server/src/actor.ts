import { AccountId, type Actor, CharId, type Sex, type Sprite } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";
import type { Player } from "./player.ts";

/** Somebody or something on a map that is no player. It sees and hears nothing. */
export interface OtherActor {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly kind: Exclude<Actor["kind"], "player">;
  readonly name: string;
  readonly sex: Sex;
  readonly looks: Sprite;
  readonly client: null;
  readonly shown: Uint8Array;
}

/** Somebody or something on a map. A player is an actor with a client. */
export type MapActor = Player | OtherActor;

/** `id` is at least `firstActorId`. `sprite` is the number of the picture: see `Sprite`. */
export function otherActor(of: {
  readonly id: ActorId;
  readonly kind: OtherActor["kind"];
  readonly name: string;
  readonly sprite?: number | undefined;
}): OtherActor {
  const { id, kind, name, sprite } = of;
  const looks = sprite === undefined ? {} : { class: sprite };
  const shown = new Uint8Array();
  return {
    accountId: AccountId(0),
    charId: CharId(id),
    kind,
    name,
    sex: "female",
    looks,
    client: null,
    shown,
  };
}
