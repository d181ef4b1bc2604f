import type { Presence } from "@sallyport/cluster-protocol";
import { type Directory, type HintBus, type Listening, MemoryDirectory } from "@sallyport/directory";
import { Unavailable } from "@sallyport/domain";
import type { Random } from "@sallyport/random";
import type { EventLoop } from "./event-loop.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** One in this many questions, answers and hints is lost. */
const lossOneIn = 20;
const latencyMs = [0.2, 20] as const;

/** The directory of one cluster. Its messages to and from processes arrive late, and some are lost. */
export class SimulatedDirectory {
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #underneath: MemoryDirectory;
  #ways = 0;

  readonly #lost: () => void;

  /** Calls `lost` for each lost question, answer and hint. */
  constructor(loop: EventLoop, random: Random, lost: () => void) {
    this.#loop = loop;
    this.#random = random;
    this.#lost = lost;
    this.#underneath = new MemoryDirectory({ nowMs: () => loop.nowMs });
  }

  wayOf(process: SimulatedProcess): Directory & HintBus {
    this.#ways += 1;
    const random = this.#random.fork(`way ${this.#ways}`);
    const underneath = this.#underneath;
    const later = (run: () => void): void => {
      if (random.chance(1 / lossOneIn)) return this.#lost();
      this.#loop.after(random.between(...latencyMs), () => process.deliver(run));
    };
    const ask = <T>(what: string, run: () => Promise<T>): Promise<T> => {
      process.boundary(what);
      return new Promise((resolve, reject) => {
        process.clock.after(1_000, () => reject(new Unavailable("the directory does not answer")));
        later(() => void run().then((answer) => later(() => resolve(answer))));
      });
    };
    return {
      publish: (presence: Presence) => ask("publish", () => underneath.publish(presence)),
      withdraw: (presence: Presence) => ask("withdraw", () => underneath.withdraw(presence)),
      list: () => ask("list", () => underneath.list()),
      tell: (topic, hint) => ask(`tell ${topic}`, () => underneath.tell(topic, hint)),
      listen: (topic, heard): Listening => {
        const listening = underneath.listen(topic, (hint) => later(() => heard(hint)));
        process.onDeath(() => listening.stop());
        return listening;
      },
    };
  }
}
