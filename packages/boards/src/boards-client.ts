import { printable } from "@sallyport/command-line";
import { z } from "zod";
import { type ClientData, type ResourceServer, tokenFor, withoutTokens, withToken } from "./client-data.ts";
import type { ClientFile } from "./client-file.ts";
import { refusedFor, unreachable, wrongUsage } from "./failure.ts";
import { askToken, identityIn } from "./identity-tokens.ts";
import { type JsonConnection, openConnection } from "./json-connection.ts";

export interface ClientNeeds {
  readonly file: ClientFile;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Asks the person for the password, without showing it. */
  readonly password: (of: string) => Promise<string>;
}

const reply = z.object({ success: z.boolean(), data: z.unknown(), refusal: z.string().optional() });
type Reply = z.infer<typeof reply>;

/**
 * One identity at one resource-server. It uses the kept token while that is valid. Otherwise it asks for a new
 * one, with the password that was typed last, if this program has asked for it: a password is kept in memory
 * alone.
 */
export class BoardsClient {
  readonly server: ResourceServer;
  readonly identity: string;
  readonly #needs: ClientNeeds;
  #password: string | null = null;
  #connection: JsonConnection | null = null;

  constructor(needs: ClientNeeds, server: ResourceServer, identity: string) {
    this.#needs = needs;
    this.server = server;
    this.identity = identity;
  }

  /** Makes sure that there is a token. Throws `BoardsFailure`. */
  async logIn(): Promise<void> {
    await this.#token();
  }

  /** Returns the data of the answer. Throws `BoardsFailure`. */
  async ask(type: number, fields: object): Promise<unknown> {
    const token = await this.#token();
    let told = await this.#send(type, fields, token);
    if (!told.success && told.refusal === "token") {
      // The account was banned, or has another password or role.
      const { identity } = this;
      await this.#needs.file.change((data) => withoutTokens(data, identity));
      this.#password = null;
      told = await this.#send(type, fields, await this.#token());
    }
    if (told.success) return told.data;
    const why = typeof told.data === "string" ? told.data : "it gave no reason";
    throw refusedFor(`${this.server.name} refused: ${printable(why)}`);
  }

  close(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #send(type: number, fields: object, token: string): Promise<Reply> {
    if (this.#connection?.isOpen !== true) this.#connection = await openConnection(this.server);
    const identity = identityIn(token, this.identity);
    const told = reply.safeParse(await this.#connection.ask({ ...fields, type, identity, token }));
    if (told.success) return told.data;
    throw unreachable(`${this.server.name} is no resource-server: it gave another answer`);
  }

  async #token(): Promise<string> {
    const { file, nowMs } = this.#needs;
    const { identity, server } = this;
    const { audience } = server;
    const data = await file.read();
    const kept = tokenFor(data, { identity, audience, nowMs: nowMs() });
    return kept ?? this.#newToken(data);
  }

  async #newToken({ authenticationServer }: ClientData): Promise<string> {
    const { file, password } = this.#needs;
    const { identity, server } = this;
    if (authenticationServer === null)
      throw wrongUsage("there is no authentication server yet: sallyport boards auth-server NAME HOST:PORT");
    const typed = this.#password ?? (await password(`${identity} at ${authenticationServer.name}`));
    this.#password = null;
    const token = await askToken(authenticationServer, {
      ...{ identity, password: typed, audience: server.audience },
    });
    this.#password = typed;
    await file.change((data) => withToken(data, identity, token));
    return token.token;
  }
}
