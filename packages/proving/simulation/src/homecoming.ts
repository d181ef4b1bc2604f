import type { CharId } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import { type ClientProgramOptions, SimulatedClient } from "./simulated-client.ts";

/** A patient client whose only aim is to enter the world. It asks again until a server admits it. */
export class Homecoming {
  readonly #self: SimulatedClient;
  readonly #options: ClientProgramOptions;
  readonly #choice: Random;
  #made = 0;
  lastRefusal = "none";
  isHome = false;
  hasLeft = false;

  constructor(options: ClientProgramOptions) {
    this.#options = options;
    this.#choice = options.random.fork("worlds");
    this.#self = new SimulatedClient(options);
  }

  start(): void {
    void this.#comeHome();
  }

  async #comeHome(): Promise<void> {
    const { random, account } = this.#options;
    const self = this.#self;
    for (let attempts = 0; ; attempts += 1) {
      const answer = await this.#attempt();
      if (answer === "home") return;
      this.lastRefusal = `${answer.at}: ${answer.refusal} (${account.name}, after ${attempts} others)`;
      await self.pause(Math.max(50, Math.min(answer.retryAfterMs ?? 300, 1_000)) * random.between(0.8, 1.2));
    }
  }

  /** Each attempt uses a new name, because a failed attempt may have created a character with its name. */
  #newCharacter() {
    this.#made += 1;
    return { slot: 0, name: `${this.#options.account.name}_${this.#made}` };
  }

  async #attempt() {
    const { random, worlds } = this.#options;
    const self = this.#self;
    const loggedIn = await self.logIn("raw");
    if (!loggedIn.ok) return { ...loggedIn, at: "log in" };
    const world = this.#choice.pick(worlds);
    const entered = await self.enterWorld(world);
    if (!entered.ok) return { ...entered, at: "enter world" };
    const select = entered.value;
    if (select.characters.length === 0) await self.create(select, this.#newCharacter());
    const charIds = select.characters.map(({ charId }) => charId);
    const handedOver = await self.handOver(
      select,
      charIds.length === 0 ? (1 as CharId) : random.pick(charIds),
    );
    if (!handedOver.ok) {
      select.leave();
      return { ...handedOver, at: "choose" };
    }
    const map = await self.enterMap(handedOver.value);
    if (!map.ok) return { ...map, at: "enter map" };
    const game = map.value;
    this.isHome = true;
    await game.walk(1 + random.below(7), 1 + random.below(7));
    await self.pause(300);
    const left = await self.leave(game, "offline");
    this.hasLeft = left.ok;
    this.lastRefusal = left.ok ? "none" : `leave: ${left.refusal}`;
    return "home" as const;
  }
}
