import { accepted, type Outcome, refused } from "@sallyport/domain";
import { LineClient } from "@sallyport/foreign-clients";
import { describeRefusal } from "@sallyport/sdk";
import type { Answer, Player, PlayerProtocol, Target, Visitor } from "./player.ts";

/*
 * A person at a terminal. It reads sentences: what is refused is a sentence too, on a line of its own.
 */

/** Name and password log in and enter the world. */
const loginParts = 2;
const lateMs = 1_000;
const stepsMax = 40;

/** Lines that tell what is there, and nothing of what the person asked for. */
const news = /You are at |Nobody else |\S+ is (?:here\.|gone\.|at )/;
/** Any other line of the server. What players say has a colon. */
const sentence = new RegExp(`(?:^|\\n)((?!${news.source})[A-Z][^\\r\\n:]*\\.)\\r?\\n`);
/** What is waited for may be such a line, so it is looked for first. */
const or = (pattern: RegExp): RegExp => new RegExp(`(?:^|\\n)?(?:${pattern.source})|${sentence.source}`);

const nameAsked = /Name:\r?\n/;
const passwordAsked = /Password:\r?\n/;
const characters = /(Choose one by its number|You have no character yet)[^\n]*\n/;
const again = /(?:^|\n)([^\r\n]*)\r?\nName:/;
const charactersOrAgain = new RegExp(`${characters.source}|${again.source}`);
const here = /(?:You are in|is at \d+,\d+ of) (\S+)\.[^\n]*\n/;
/** The line by which a person learns of its map. What players say has a colon. */
const arrival = /^(?:You are in|[^\s:]+ is at \d+,\d+ of) (\S+)\.(?: |$)/;

/** The text of one visit, read from top to bottom. */
class Screen {
  readonly #client: LineClient;
  readonly #withinMs: number;
  #seen = 0;

  constructor(client: LineClient, withinMs: number) {
    this.#client = client;
    this.#withinMs = withinMs;
  }

  types(line: string): void {
    this.#client.types(line);
  }

  /** Waits until this is below what was read before. */
  async reads(pattern: RegExp, withinMs = this.#withinMs): Promise<Outcome<RegExpExecArray, string>> {
    const { stream } = this.#client;
    let found: RegExpExecArray | null = null;
    const isThere = await stream.within(withinMs, () => {
      found = pattern.exec(this.#client.text.slice(this.#seen));
      return found !== null;
    });
    if (!isThere || found === null) return refused(stream.isEnded ? "disconnected" : "unanswered");
    const { index, 0: text } = found as RegExpExecArray;
    this.#seen += index + text.length;
    return accepted(found);
  }

  /** As `reads`, but a sentence of the server that is not this is a refusal. */
  async readsOr(pattern: RegExp, withinMs?: number): Promise<Outcome<RegExpExecArray, string>> {
    const read = await this.reads(or(pattern), withinMs);
    if (!read.ok) return read;
    const refusal = read.value.at(-1);
    return refusal === undefined ? read : refused(refusal);
  }
}

/** Whether the account has a character. */
async function logIn(screen: Screen, { account }: Visitor): Promise<Outcome<boolean, string>> {
  const asked = await screen.reads(nameAsked);
  if (!asked.ok) return asked;
  screen.types(account.login);
  const password = await screen.reads(passwordAsked);
  if (!password.ok) return password;
  screen.types(account.password);
  return charactersOf(screen);
}

/** Whether there is a character, after a login. */
async function charactersOf(screen: Screen): Promise<Outcome<boolean, string>> {
  const read = await screen.reads(charactersOrAgain);
  if (!read.ok) return read;
  const [, listed, refusal = "disconnected"] = read.value;
  return listed === undefined ? refused(refusal) : accepted(listed.startsWith("Choose"));
}

async function choose(screen: Screen): Promise<Outcome<string, string>> {
  screen.types("1");
  const read = await screen.readsOr(here);
  if (!read.ok) return read;
  return accepted(read.value[1] ?? "");
}

class LinePlayer implements Player {
  readonly stands = null;
  readonly complaints: readonly string[] = [];
  readonly #client: LineClient;
  readonly #screen: Screen;
  readonly #visitor: Visitor;
  #map: string;

  constructor(client: LineClient, screen: Screen, visitor: Visitor, map: string) {
    this.#client = client;
    this.#screen = screen;
    this.#visitor = visitor;
    this.#map = map;
    listen(client, (line) => this.#reads(line));
  }

  get isIn(): boolean {
    return !this.#client.stream.isEnded;
  }

  get map(): string {
    return this.#map;
  }

  walk({ x, y, isWarp }: Target): Promise<Answer> {
    const { ask, stepMs } = this.#visitor;
    return ask("walk", this.#walk({ x, y, isWarp }, stepsMax * stepMs + lateMs), {
      detail: `to ${x},${y}`,
    });
  }

  async say(text: string): Promise<Answer> {
    if (!this.isIn) return refused("disconnected");
    this.#screen.types(`say ${text}`);
    return accepted({});
  }

  enterRoom(map: string): Promise<Answer> {
    return this.#visitor.ask("enter room", this.#enterRoom(map));
  }

  goBack(): Promise<Answer> {
    return this.#visitor.ask("back to character select", this.#goBack(), { parts: 3 });
  }

  leave(): Promise<Answer> {
    this.#screen.types("quit");
    return this.#visitor.ask("leave", this.#screen.reads(/Goodbye\./));
  }

  destroy(): void {
    this.#client.stream.destroy();
  }

  /** Hears every line of another player, and sees every arrival, whatever is waited for. */
  #reads(line: string): void {
    const [, text] = /^\S+: (.*)$/.exec(line) ?? [];
    if (text !== undefined) this.#visitor.heard(text);
    this.#map = arrival.exec(line)?.[1] ?? this.#map;
  }

  /** A walk that is not there in good time is no refusal: somebody may have stopped it. */
  async #walk({ x, y, isWarp }: Target, withinMs: number): Promise<Answer> {
    this.#screen.types(`walk ${x} ${y}`);
    const isThere = isWarp ? here : new RegExp(`You are at ${x},${y}\\.|${here.source}`);
    const read = await this.#screen.readsOr(isThere, withinMs);
    return !read.ok && read.refusal === "unanswered" ? accepted({}) : read;
  }

  async #enterRoom(map: string): Promise<Answer> {
    if (this.#map === map) return accepted({});
    this.#screen.types(`room ${map}`);
    // The arrival of a walk that took too long may come first.
    return this.#screen.readsOr(new RegExp(`is at \\d+,\\d+ of ${map}\\.[^\\n]*\\n`));
  }

  async #goBack(): Promise<Answer> {
    this.#screen.types("characters");
    const listed = await this.#screen.readsOr(characters);
    return listed.ok ? choose(this.#screen) : listed;
  }
}

function listen({ stream }: LineClient, reads: (line: string) => void): void {
  let rest = "";
  stream.onBytes = (chunk) => {
    const lines = `${rest}${chunk.toString("utf8")}`.split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) reads(line);
  };
}

/** `new` registers and logs in. The new person leaves again. */
async function register(visitor: Visitor): Promise<Answer> {
  const { account, entrance, from, answerMs } = visitor;
  const client = await LineClient.connect(entrance.login, from).catch(() => null);
  if (client === null) return refused("unreachable");
  const screen = new Screen(client, answerMs);
  await screen.reads(nameAsked);
  for (const line of ["new", account.login, account.password]) screen.types(line);
  const listed = await charactersOf(screen);
  if (listed.ok) {
    screen.types("quit");
    await screen.reads(/Goodbye\./);
  }
  client.stream.destroy();
  return listed;
}

/** People who type. */
export const linePlayers: PlayerProtocol = {
  busyWords: [describeRefusal("busy"), describeRefusal("unavailable")],
  ...{ name: "line", door: "front", registersEmail: false, listsPlaces: false },
  register: (visitor) => visitor.ask("register", register(visitor), { parts: loginParts + 1 }),
  async enter(visitor): Promise<Outcome<Player, string>> {
    const { ask, account, entrance, from, answerMs } = visitor;
    const client = await LineClient.connect(entrance.login, from).catch(() => null);
    if (client === null) return ask("login", Promise.resolve(refused("unreachable")));
    const screen = new Screen(client, answerMs);
    const loggedIn = await ask("login", logIn(screen, visitor), { parts: loginParts });
    const create = async (): Promise<Answer> => {
      screen.types(`create ${account.character}`);
      return screen.readsOr(characters);
    };
    const listed = loggedIn.ok && !loggedIn.value ? await ask("create", create()) : loggedIn;
    const entered = listed.ok ? await ask("map enter", choose(screen)) : listed;
    if (entered.ok) return accepted(new LinePlayer(client, screen, visitor, entered.value));
    client.stream.destroy();
    return entered;
  },
};
