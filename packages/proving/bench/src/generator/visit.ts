export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A client that goes through the doors of the servers. */
export interface Visitor {
  /** The login door for the client's dialect. */
  readonly login: Address;
  readonly account: string;
  readonly password: string;
  /** Replaces ports: if a server sends the client to a port that is a key here, the client uses the value. */
  readonly instead?: Readonly<Record<number, number>> | undefined;
  /** Called with the size of each chunk that arrives. */
  readonly received: (bytes: number) => void;
}

/** The bench counts failures by message. So there must be only a few different messages. */
export class ActFailed extends Error {
  override readonly name = "ActFailed";
}

export const answerMs = 30_000;

export const doorFor = ({ host, port }: Address, { instead = {} }: Pick<Visitor, "instead">): Address => ({
  host,
  port: instead[port] ?? port,
});
