import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import {
  freePorts,
  must,
  query,
  SallyportProcess,
  type TestDatabase,
  testDatabase,
  until,
} from "@sallyport/testkit";
import { type Place, ResourceClient, TokenClient } from "../src/index.ts";
import { patient } from "./patient.ts";

const host = "127.0.0.1";
const password = "a right password";

export interface Person {
  readonly identity: string;
  readonly token: string;
}

/** A login-server and a resource-server, each with a database of its own. */
export class LoginAndResource {
  readonly accounts: TestDatabase;
  readonly leaderboards: TestDatabase;
  readonly #folder = mkdtempSync(join(tmpdir(), "sallyport-resource-"));
  readonly #clients: ResourceClient[] = [];
  #login!: SallyportProcess;
  resource!: SallyportProcess;
  #ports: { readonly clients: number; readonly token: number; readonly tcp: number; readonly http: number } =
    {
      ...{ clients: 0, token: 0, tcp: 0, http: 0 },
    };
  /** What the resource-server wrote before it was started again. */
  #earlier = "";
  /** Nothing of these may be in a log. */
  readonly secrets: string[] = [password];

  private constructor(accounts: TestDatabase, leaderboards: TestDatabase) {
    this.accounts = accounts;
    this.leaderboards = leaderboards;
  }

  static async start(): Promise<LoginAndResource> {
    const servers = new LoginAndResource(await testDatabase(), await testDatabase());
    await servers.#start();
    return servers;
  }

  get output(): string {
    return this.#login.output + this.#earlier + this.resource.output;
  }

  get http(): string {
    return `http://${host}:${this.#ports.http}`;
  }

  get tcp(): Place {
    return { host, port: this.#ports.tcp };
  }

  /** A new account with its token. */
  async person(name: string, isAdministrator = false): Promise<Person> {
    const client = createClient({ connect: tcpConnect, login: { host, port: this.#ports.clients } });
    must(await client.register({ name, password, sex: "female" }));
    if (!isAdministrator) return this.token(name);
    const { rows } = await query(
      this.accounts.url,
      "UPDATE accounts SET role = 'administrator' WHERE name = $1 RETURNING extract(epoch FROM now()) AS at",
      [name],
    );
    const changedS = Math.floor(Number(rows[0].at));
    // Another role ends tokens of the same second too.
    return until(
      async () => {
        const person = await this.token(name);
        return issuedS(person.token) > changedS ? person : null;
      },
      { what: "a token of a later second" },
    );
  }

  async token(name: string): Promise<Person> {
    const client = await TokenClient.connect({ host, port: this.#ports.token });
    const answer = await client.asks({ type: "token", identity: name, password });
    client.stream.destroy();
    const token = String(answer?.["token"]);
    if (answer?.["type"] !== "token") throw new Error(`no token: ${JSON.stringify(answer)}`);
    this.secrets.push(token);
    return { identity: name, token };
  }

  async client(person: Person): Promise<ResourceClient> {
    const client = patient(await ResourceClient.connect(this.tcp, person));
    this.#clients.push(client);
    return client;
  }

  async killAndStart(): Promise<void> {
    await this.resource.kill();
    await this.startAgain();
  }

  /** A new process in place of one that has ended, at the same port and on the same database. */
  async startAgain(): Promise<void> {
    this.#earlier += this.resource.output;
    this.resource.spawn();
    await this.resource.untilSays(/resource-server ready/);
  }

  leaveAll(): void {
    for (const { stream } of this.#clients.splice(0)) stream.destroy();
  }

  async stop(): Promise<void> {
    this.leaveAll();
    await Promise.all([this.#login?.kill(), this.resource?.kill()]);
    await Promise.all([this.accounts.drop(), this.leaderboards.drop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    this.#login = this.#process("login", {
      ...{ DATABASE_URL: this.accounts.url, CHAR_SERVERS: "alpha:secret" },
      ...{ LOGIN_PORT: "0", LOGIN_LINK_PORT: "0", TOKEN_PORT: "0", TOKEN_HTTP_PORT: "0" },
    });
    const [line = ""] = await this.#login.untilSays(/.*"login-server ready".*/);
    const login = JSON.parse(line) as { readonly [port in "clients" | "token" | "tokenHttp"]: Place };
    const [tcp = 0, http = 0] = await freePorts(2);
    this.#ports = { clients: login.clients.port, token: login.token.port, tcp, http };
    this.resource = this.#process("resource", {
      ...{ RESOURCE_DATABASE_URL: this.leaderboards.url, RESOURCE_PORT: String(tcp) },
      ...{ RESOURCE_HTTP_PORT: String(http), TOKEN_KEYS_URL: `http://${host}:${login.tokenHttp.port}` },
    });
    await this.resource.untilSays(/resource-server ready/);
  }

  #process(name: string, environment: Readonly<Record<string, string>>): SallyportProcess {
    const process = new SallyportProcess({
      ...{ name: `sallyport ${name}`, args: [name], folder: this.#folder },
      environment: { LOG_LEVEL: "debug", ...environment },
    });
    process.spawn();
    return process;
  }
}

/** When a token was issued, in seconds since 1970. */
function issuedS(token: string): number {
  const [, payload = ""] = token.split(".");
  return Number((JSON.parse(Buffer.from(payload, "base64url").toString()) as { iat: number }).iat);
}
