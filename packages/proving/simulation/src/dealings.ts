import { firstActorId } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import type { Game } from "@sallyport/sdk";
import type { SimulatedClient } from "./simulated-client.ts";

/** Asks something of the map, besides walks and speech. Does not wait for the answer. */
export function deal(self: SimulatedClient, game: Game, random: Random): void {
  const deed = random.weighted({ click: 4, take: 3, answer: 3, buy: 3, report: 3 });
  const actor = firstActorId + random.below(8);
  const done = (): Promise<{ readonly ok: boolean; readonly refusal?: string }> => {
    switch (deed) {
      case "click":
        return game.click(actor);
      case "take":
        return game.take(actor);
      case "answer":
        return game.answer(actor, { type: "next" });
      case "buy":
        return game.buy(actor, [{ item: 1, amount: 1 }]);
      case "report":
        return game.report(1 + random.below(8), 1 + random.below(8));
    }
  };
  void done().then((answer) => self.heard(deed, answer));
}

/** Leaves. Sometimes it asks for more before the answer, and a server that lets it go must refuse that. */
export function leaveDealing(
  self: SimulatedClient,
  game: Game,
  to: "offline" | "char-select",
  random: Random,
): ReturnType<SimulatedClient["leave"]> {
  const leaving = self.leave(game, to);
  if (random.chance(0.3)) deal(self, game, random);
  return leaving;
}
