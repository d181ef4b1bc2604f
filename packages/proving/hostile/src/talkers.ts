import { setTimeout } from "node:timers/promises";
import { type DurationsMs, durationsOf, Histogram } from "@sallyport/bots";
import { ChatClient, LineClient, type Place } from "@sallyport/foreign-clients";

/*
 * Two people who use the ports of the front for what they are for, while bots use those of the servers: one types
 * lines, and the other hears them in the chat room. A line passes through the front twice, and through the map-server.
 */

const sayEveryMs = 250;
const password = "correct horse";

export interface TalkReport {
  readonly said: number;
  readonly heard: number;
  /** From the line of the one to the frame of the other. */
  readonly latencyMs: DurationsMs;
  /** What ended the talk early. Null if nothing did. */
  readonly error: string | null;
}

export interface TalkersOptions {
  readonly chat: Place;
  readonly line: Place;
  /** Returns an address from which they may connect. Undefined: any. */
  readonly address: () => string | undefined;
}

export class Talkers {
  readonly #options: TalkersOptions;
  #haveAccounts = false;

  constructor(options: TalkersOptions) {
    this.#options = options;
  }

  /** They come, talk until the signal is aborted, and leave. Never rejects. */
  async talk(over: AbortSignal): Promise<TalkReport> {
    const { chat, line, address } = this.#options;
    const latency = new Histogram();
    let said = 0;
    let error: string | null = null;
    let speaker: LineClient | null = null;
    let listener: ChatClient | null = null;
    try {
      speaker = await LineClient.connect(line, address());
      if (this.#haveAccounts) await speaker.comesBack("Tilda", password);
      else await speaker.comesFirst("Tilda", password);
      this.#haveAccounts = true;
      for (const command of ["room tavern", "look"]) speaker.types(command);
      await speaker.reads("of tavern");
      listener = await ChatClient.connect(chat, address());
      await listener.joins("Otto", password);
      do {
        const saidMs = performance.now();
        said += 1;
        speaker.types(`say line ${said}`);
        await listener.hears(`Tilda: line ${said}\n`);
        latency.add(performance.now() - saidMs);
        await setTimeout(sayEveryMs, null, { signal: over }).catch(() => null);
      } while (!over.aborted);
      speaker.types("quit");
      listener.says("disconnect");
      await Promise.all([speaker.stream.closed, listener.stream.closed]);
    } catch (thrown) {
      error = String(thrown);
      speaker?.stream.destroy();
      listener?.stream.destroy();
    }
    return { said, heard: latency.count, latencyMs: durationsOf(latency), error };
  }
}
