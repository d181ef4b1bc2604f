import { accepted } from "@sallyport/domain";
import type { Client, Host, Visit } from "@sallyport/server-kit";
import type { Asked, Done, NotDone } from "./asked.ts";
import type { JourneyEvents } from "./journey.ts";
import { decide, type FrontEvent, type Protocol, type Scene, type Step } from "./protocol.ts";
import type { FrontDoor } from "./protocol-dialect.ts";

/** What the conversation needs of `Journey`. */
export interface Inwards {
  readonly scene: Scene | null;
  carryOut(asked: Asked): Promise<Done | NotDone>;
  end(): Promise<void>;
}

export type ConversationHost = Pick<Host, "clock" | "wallMs" | "metrics" | "failed">;

export interface Talk {
  readonly handlers: Visit<FrontDoor>["handlers"];
  /**
   * Tells the protocol that the front stops, if the client is still there, and leaves the world. Resolves when the
   * character is saved.
   */
  stop(): Promise<void>;
}

/**
 * Runs the table of a protocol for one client. A message of the client waits until everything that the message
 * before it asked of the servers is answered. Other events are decided when they come.
 */
export class Conversation<State extends { readonly at: string }, Said extends { readonly type: string }, Told>
  implements Talk
{
  readonly handlers: Visit<FrontDoor>["handlers"];
  readonly #host: ConversationHost;
  readonly #client: Client<FrontDoor>;
  readonly #protocol: Protocol<State, Said, Told>;
  readonly #inwards: Inwards;
  #state: State;
  #stopWaiting: () => void = () => {};
  #stopTicking: () => void = () => {};
  #isOver = false;
  #end: Promise<void> | null = null;

  /** `open` opens the way to the servers for this client. */
  constructor(
    host: ConversationHost,
    client: Client<FrontDoor>,
    protocol: Protocol<State, Said, Told>,
    open: (events: JourneyEvents) => Inwards,
  ) {
    this.#host = host;
    this.#client = client;
    this.#protocol = protocol;
    this.#inwards = open({
      heard: (event) => this.#tell({ type: "heard", event }),
      ended: (reason, sentence) => this.#tell({ type: "ended", reason, sentence }),
    });
    const handle = async (message: unknown) => {
      await this.#feed({ type: "said", message: message as Said });
      return accepted({});
    };
    this.handlers = Object.fromEntries(Object.keys(protocol.messages).map((type) => [type, handle]));
    this.#state = protocol.begin.next;
    this.#wait();
    const { tickMs } = protocol;
    if (tickMs !== undefined)
      this.#stopTicking = host.clock.every(tickMs, () => this.#tell({ type: "tick" }));
    void this.#perform(protocol.begin).catch(host.failed);
  }

  stop(): Promise<void> {
    if (this.#client.isConnected) {
      this.#tell({ type: "stopping" });
      this.#client.disconnect("the front stops");
    }
    return this.#leave();
  }

  #tell(event: FrontEvent<Said>): void {
    void this.#feed(event).catch(this.#host.failed);
  }

  async #feed(event: FrontEvent<Said>): Promise<void> {
    if (this.#isOver) return;
    const before = this.#state;
    const now = { nowMs: this.#host.clock.nowMs(), wallMs: this.#host.wallMs() };
    const step = decide(this.#protocol.table, before, event, this.#inwards.scene, now);
    this.#state = step.next;
    if (step.next.at !== before.at) this.#wait();
    await this.#perform(step);
  }

  /** Whatever is asked is asked in order, and each answer is an event before the next is asked. */
  async #perform({ effects }: Step<State, Told>): Promise<void> {
    for (const effect of effects) {
      if (this.#isOver) return;
      if (effect.type === "send") this.#client.send({ type: "told", message: effect.message });
      else if (effect.type === "close") this.#client.disconnect(effect.why);
      else await this.#ask(effect.asked);
    }
  }

  async #ask(asked: Asked): Promise<void> {
    const { name: protocol } = this.#protocol;
    const answer = await this.#inwards.carryOut(asked);
    const label = answer.type === "done" ? "ok" : answer.refusal;
    this.#host.metrics.count("frontSteps", { protocol, step: asked.type, answer: label });
    await this.#feed(answer);
  }

  #wait(): void {
    this.#stopWaiting();
    const withinMs = this.#protocol.withinMs[this.#state.at as State["at"]];
    this.#stopWaiting =
      withinMs === undefined
        ? () => {}
        : this.#host.clock.after(withinMs, () => this.#tell({ type: "late" }));
  }

  #leave(): Promise<void> {
    this.#isOver = true;
    this.#stopWaiting();
    this.#stopTicking();
    this.#end ??= this.#inwards.end();
    return this.#end;
  }
}
