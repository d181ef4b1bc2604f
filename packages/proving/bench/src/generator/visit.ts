export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A client that goes through the doors. */
export interface Visitor {
  /** The login door of the client's wire. */
  readonly login: Address;
  readonly account: string;
  readonly password: string;
  /** The keys are ports to which servers send the client. The values are ports that it uses instead. */
  readonly instead?: Readonly<Record<number, number>> | undefined;
  /** Called with the size of each chunk that arrives. */
  readonly received: (bytes: number) => void;
}

/** The bench counts failures by message, so there are only a few different messages. */
export class ActFailed extends Error {
  override readonly name = "ActFailed";
}

export const answerMs = 30_000;

export const doorFor = ({ host, port }: Address, { instead = {} }: Pick<Visitor, "instead">): Address => ({
  host,
  port: instead[port] ?? port,
});
