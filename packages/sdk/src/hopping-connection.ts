import { type CharId, type Outcome, type Refused, refused } from "@sallyport/domain";
import { explainedBy } from "./bans.ts";
import type { ConnectionEnd } from "./connection.ts";
import type { MapConnection } from "./doors.ts";
import type { EnteredMap, EnterMap, Hopped } from "./next-door.ts";
import type { MapDoorEvent, MapHop } from "./told.ts";

interface HoppingOptions {
  readonly charId: CharId;
  readonly enter: EnterMap;
  /** Gets all events, and `map.changed` after each hop. */
  readonly hear: (event: Exclude<MapDoorEvent, MapHop>) => void;
  /** Returns milliseconds since 1970. */
  readonly wallMs: () => number;
}

/** If a hop interrupts a walk, the caller may send the walk again after this pause. */
const hopRetryMs = 100;

/** The connection to the map-server that has a character. It follows the character to other map-servers. */
export class HoppingConnection {
  /** Resolves when the connection has ended, and no other one takes its place. */
  readonly closed: Promise<ConnectionEnd>;
  readonly #options: HoppingOptions;
  #connection: MapConnection;
  readonly #hopsFrom = new WeakMap<MapConnection, Promise<Hopped>>();
  #isHopping = false;
  #hops = 0;
  #isCut = false;

  constructor({ connection }: EnteredMap, options: HoppingOptions) {
    this.#options = options;
    this.#connection = connection;
    this.closed = this.#untilClosed(connection);
    this.#listen(connection);
  }

  get isOpen(): boolean {
    return this.#connection.isOpen || this.#isHopping;
  }

  /** Number of changes to another map-server. */
  get hops(): number {
    return this.#hops;
  }

  /** If a hop interrupts a request about a place on the map, refuses it, because the map is another one now. */
  async here<A extends Outcome<unknown, string>>(
    ask: (connection: MapConnection) => Promise<A>,
  ): Promise<A | Refused<"unavailable">> {
    const connection = this.#connection;
    const answer = await ask(connection);
    const isElsewhere = isLost(answer) && this.#hopsFrom.has(connection);
    return isElsewhere ? refused("unavailable", hopRetryMs) : answer;
  }

  /**
   * If a hop interrupts a request, sends the request again to the new map-server. The old map-server has not
   * carried it out.
   */
  async wherever<Answer extends Outcome<unknown, string>>(
    ask: (connection: MapConnection) => Promise<Answer>,
  ): Promise<Answer> {
    for (;;) {
      const connection = this.#connection;
      const answer = await ask(connection);
      const hopped = isLost(answer) ? await this.#hopsFrom.get(connection) : undefined;
      if (!hopped?.ok) return answer;
    }
  }

  close(): void {
    this.#connection.close();
  }

  /** Drops the connection at once, also one that a hop opens later. */
  destroy(): void {
    this.#isCut = true;
    this.#connection.destroy();
  }

  #listen(connection: MapConnection): void {
    connection.on((event) => {
      if (event.type === "map.hop") this.#follow(connection, event);
      else this.#options.hear(event);
    });
  }

  #follow(from: MapConnection, to: MapHop): void {
    from.close();
    this.#isHopping = true;
    this.#hopsFrom.set(from, this.#hopTo(to));
  }

  async #hopTo(to: MapHop): Promise<Hopped> {
    const { enter, charId, hear } = this.#options;
    const hopped = await enter(to, charId);
    this.#isHopping = false;
    if (!hopped.ok) return hopped;
    const { connection, place } = hopped.value;
    this.#connection = connection;
    this.#hops += 1;
    hear({ type: "map.changed", ...place });
    this.#listen(connection);
    if (this.#isCut) connection.destroy();
    return hopped;
  }

  async #untilClosed(connection: MapConnection): Promise<ConnectionEnd> {
    const end = await connection.closed;
    const hopped = await this.#hopsFrom.get(connection);
    if (hopped === undefined) return end;
    if (hopped.ok) return this.#untilClosed(hopped.value.connection);
    const reason = hopped.refusal === "banned" ? hopped.refusal : "disconnected";
    const detail = `on the way to another map-server: ${hopped.refusal}`;
    return { ...end, ...explainedBy(hopped, this.#options.wallMs()), reason, detail };
  }
}

const isLost = (answer: Outcome<unknown, string>): boolean => !answer.ok && answer.refusal === "disconnected";
