import type { CharId } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import type { CharacterSelect, Game } from "@sallyport/sdk";
import { Dealings } from "./dealings.ts";
import { edit, register } from "./edits.ts";
import { hopAbout } from "./hopper.ts";
import type { PlannedClient } from "./planned.ts";
import type { SimulatedAccount } from "./population.ts";
import { type ClientProgramOptions, SimulatedClient } from "./simulated-client.ts";
import { warpCell } from "./small-maps.ts";
import type { WorldName } from "./topology.ts";

/**
 * A client pauses between its admission to the world and its entry to the map. The first number is the
 * probability of a pause. The second number is its maximum in milliseconds.
 */
const often = [0.12, 6_000] as const;
const lingering = { any: often, clings: often, rushes: often, hops: [0, 0], lingers: [0.5, 1_500] } as const;

/**
 * A client program. Its player enters, leaves and vanishes at random until the simulation ends the program.
 */
export class ClientProgram {
  readonly #options: ClientProgramOptions;
  readonly #choice: Random;
  readonly #thoughts: Random;
  readonly #dealings: Random;
  readonly #temper: PlannedClient["temper"];
  readonly #edits: Random | null;
  readonly #passwords: Random | null;
  /** The account that the client uses. A client that creates an account can change to it. */
  #account: SimulatedAccount;
  #isOver = false;
  #isInRush: boolean;
  #current: SimulatedClient | null = null;

  constructor(options: ClientProgramOptions, temper: PlannedClient["temper"]) {
    this.#options = options;
    this.#choice = options.random.fork("worlds");
    this.#thoughts = options.random.fork("thoughts");
    this.#dealings = options.random.fork("dealings");
    this.#temper = temper;
    this.#isInRush = temper === "rushes";
    this.#account = options.account;
    this.#edits = options.hasEdits ? options.random.fork("edits") : null;
    this.#passwords = options.hasPasswordChanges ? options.random.fork("passwords") : null;
  }

  start(atMs: number): void {
    this.#options.loop.after(atMs, () => this.#live());
  }

  /** Ends the program. The client keeps its connection until a server disconnects it. */
  end(): void {
    this.#isOver = true;
    const { random, account, network } = this.#options;
    if (this.#current === null) return;
    // Cancel the planned moment at which the client vanishes. Otherwise the server might notice it only after
    // the checkers judge the end of the run.
    this.#current.process.stopAtBoundary(Number.POSITIVE_INFINITY, () => {});
    if (random.chance(0.4)) this.#vanish(this.#current);
    // No other client logs in to an account that this client created. So no takeover would end this
    // connection.
    else if (this.#account !== account) network.kill(this.#current.process, "reset");
  }

  #live(): void {
    if (this.#isOver) return;
    const { random, loop } = this.#options;
    const self = new SimulatedClient(this.#options);
    this.#current = self;
    if (random.chance(0.35) && this.#temper !== "hops") {
      self.process.stopAtBoundary(1 + random.below(50), () => this.#vanish(self));
    }
    void this.#play(self).then((leaves) => {
      if (leaves === "vanishes") this.#vanish(self);
      else loop.after(random.between(0, 1_000), () => this.#live());
    });
  }

  #vanish(self: SimulatedClient): void {
    const { random, network, loop, account } = this.#options;
    if (self.process.isDead) return;
    // If no other client logs in to the account, the server notices a silent client very late: long after all
    // other clients have left.
    const how = random.chance(0.6) || this.#account !== account ? "reset" : "silent";
    network.kill(self.process, how);
    loop.after(random.between(10, 3_000), () => this.#live());
  }

  /** Logs in, enters the world, and leaves it in some way. */
  async #play(self: SimulatedClient): Promise<"goes" | "vanishes"> {
    const { random } = this.#options;
    while (!this.#isOver) {
      if (!this.#isInRush) await self.pause(random.between(0, 600));
      this.#isInRush = false;
      if (this.#edits?.chance(0.1)) this.#account = (await register(self, this.#edits)) ?? this.#account;
      await this.#sometimesChangePassword(self);
      const password = random.chance(0.03) ? "not the password" : this.#oldPassword();
      const loggedIn = await self.logIn(random.chance(0.6) ? "raw" : "hashed", this.#account, password);
      if (!loggedIn.ok) {
        await self.pause(random.chance(0.7) ? Math.min(loggedIn.retryAfterMs ?? 300, 2_000) : 20);
        continue;
      }
      const isBound = this.#temper === "hops";
      if (!isBound && random.chance(0.06)) return random.chance(0.5) ? "goes" : "vanishes";
      if (!isBound && random.chance(0.15)) await self.pause(random.between(0, 6_000));
      const left = await this.#atDoors(self);
      if (left !== "again") return left;
    }
    return "goes";
  }

  /** The names that clients register belong to several of them, and keep their passwords. */
  async #sometimesChangePassword(self: SimulatedClient): Promise<void> {
    const { account } = this.#options;
    const random = this.#passwords;
    if (random === null || this.#account !== account || !random.chance(0.12)) return;
    await self.changePassword(account, random.chance(0.35));
  }

  /** Undefined: the client types the password as it knows it. */
  #oldPassword(): string | undefined {
    const random = this.#passwords;
    if (random === null || !random.chance(0.15)) return undefined;
    return this.#account.passwords.replaced(random) ?? undefined;
  }

  async #atDoors(self: SimulatedClient): Promise<"again" | "goes" | "vanishes"> {
    const { random } = this.#options;
    const clings = this.#temper === "clings";
    for (let visits = 0; visits < (clings ? 30 : 6) && !this.#isOver; visits += 1) {
      const world = this.#choice.pick(this.#options.worlds);
      const entered = await self.enterWorld(world);
      if (!entered.ok) {
        await self.pause(
          clings ? random.between(20, 80) : Math.min(entered.retryAfterMs ?? 0, 1_000) * random.next(),
        );
        if (clings && entered.refusal !== "not-logged-in") continue;
        if (entered.retryAfterMs === undefined) return "again";
        continue;
      }
      const select = entered.value;
      if (this.#temper !== "hops" && this.#thoughts.chance(0.04)) await this.#comeTwice(self, world);
      if (this.#options.worlds.length > 1 && this.#choice.chance(0.3)) this.#alsoEnter(self, world);
      const game = await this.#choose(self, select, world);
      if (game === null) {
        select.leave();
        continue;
      }
      if (game === "vanishes") return "vanishes";
      const left = await this.#inTheWorld(self, game);
      if (left !== "to select") return left;
      if (random.chance(this.#temper === "any" ? 0.2 : 0.4)) await self.pause(random.between(0, 5_000));
    }
    return "again";
  }

  /** Opens a second connection with the same ids, as a restarted program that kept its ids would do. */
  async #comeTwice(self: SimulatedClient, world: WorldName): Promise<void> {
    const entered = await self.enterWorld(world);
    if (!entered.ok) return;
    await self.pause(this.#thoughts.between(0, 1_500));
    entered.value.leave();
  }

  /** Uses the login ids of this world at every other world. */
  #alsoEnter(self: SimulatedClient, world: WorldName): void {
    for (const other of this.#options.worlds) {
      if (other === world) continue;
      void self.enterWorld(other).then((entered) => {
        if (entered.ok) entered.value.leave();
      });
    }
  }

  async #choose(
    self: SimulatedClient,
    select: CharacterSelect,
    world: WorldName,
  ): Promise<Game | "vanishes" | null> {
    const { random } = this.#options;
    const charIds = this.#options.account.charIds[world];
    for (
      let choices = 0;
      choices < (this.#temper === "clings" ? 8 : 3) && select.isOpen && !this.#isOver;
      choices += 1
    ) {
      if (this.#temper !== "hops") {
        if (random.chance(0.25)) await self.pause(random.between(0, 3_000));
        // This pause can be longer than the deadline of a lock at character select that nobody renews.
        if (this.#thoughts.chance(0.05)) await self.pause(this.#thoughts.between(3_000, 9_000));
        if (random.chance(0.04)) return null;
        if (random.chance(0.04)) return "vanishes";
      }
      const edited = this.#edits === null ? null : await edit(self, select, this.#edits);
      const known = this.#edits === null ? charIds : select.characters.map(({ charId }) => charId);
      const charId =
        edited ?? (random.chance(0.03) || known.length === 0 ? (1 as CharId) : random.pick(known));
      const choosing = self.handOver(select, charId);
      if (random.chance(0.06)) {
        await self.pause(random.between(0, 30));
        void self.handOver(select, known.length === 0 ? charId : random.pick(known));
      }
      const handedOver = await choosing;
      if (!handedOver.ok) {
        const mostMs = this.#temper === "clings" ? 30 : (handedOver.retryAfterMs ?? 100);
        await self.pause(random.between(0, mostMs));
        continue;
      }
      if (random.chance(0.06)) return "vanishes";
      const [share, mostMs] = lingering[this.#temper];
      if (random.chance(share)) await self.pause(random.between(0, mostMs));
      const entered = await self.enterMap(handedOver.value);
      // The pause varies, because the database may not have carried out the request before yet.
      if (edited !== null && entered.ok) await self.pause(this.#edits?.between(0, 5_000) ?? 0);
      return entered.ok ? entered.value : null;
    }
    return null;
  }

  async #inTheWorld(self: SimulatedClient, game: Game): Promise<"to select" | "again" | "goes" | "vanishes"> {
    const { random } = this.#options;
    const dealings = new Dealings(self, game, this.#dealings);
    const isOver = (): boolean => this.#isOver;
    if (this.#temper === "hops" || this.#temper === "lingers")
      return hopAbout(self, game, { random, dealings, isOver });
    void dealings.errand(isOver);
    for (let deeds = random.below(8); deeds > 0 && game.isOpen && !this.#isOver; deeds -= 1) {
      dealings.sometimes(0.4);
      const deed = random.weighted({ walk: 6, warp: 2, say: 1, wait: 3 });
      if (deed === "walk") self.heard("walk", await game.walk(1 + random.below(8), 1 + random.below(8)));
      else if (deed === "warp") self.heard("walk", await game.walk(warpCell.x, warpCell.y));
      else if (deed === "say") self.heard("say", await game.say("still here"));
      await self.pause(random.between(0, deed === "wait" ? 2_500 : 400));
    }
    const end = random.weighted({ leave: 3, select: 3, cut: 1, vanish: 2, stay: 2 });
    switch (end) {
      case "leave":
        await dealings.leave("offline");
        return random.chance(0.5) ? "again" : "goes";
      case "select":
        return (await dealings.leave("char-select")).ok ? "to select" : "again";
      case "cut":
        game.destroy();
        return "again";
      case "vanish":
        return "vanishes";
      case "stay":
        while (game.isOpen && !this.#isOver) await self.pause(500);
        return "again";
    }
  }
}
