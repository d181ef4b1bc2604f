import { ByteStream, type Place } from "../byte-stream.ts";

/** A person at a terminal without any protocol. */
export class LineClient {
  readonly stream: ByteStream;
  #seen = 0;

  private constructor(stream: ByteStream) {
    this.stream = stream;
  }

  static async connect(place: Place, from?: string): Promise<LineClient> {
    return new LineClient(await ByteStream.open(place, from));
  }

  /** Everything that came so far. */
  get text(): string {
    return this.stream.unread.toString("utf8");
  }

  types(line: string): void {
    this.stream.send(Buffer.from(`${line}\n`));
  }

  /** Waits until this is on the screen, below what was waited for before. */
  async reads(pattern: RegExp | string): Promise<RegExpExecArray> {
    const wanted =
      typeof pattern === "string" ? new RegExp(pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")) : pattern;
    let found: RegExpExecArray | null = null;
    const isThere = (): boolean => {
      found = wanted.exec(this.text.slice(this.#seen));
      return found !== null;
    };
    if (!(await this.stream.until(isThere)) || found === null)
      throw new Error(`${wanted} did not come; the screen:\n${this.text}`);
    const { index, 0: text } = found as RegExpExecArray;
    this.#seen += index + text.length;
    return found;
  }

  /** Makes an account and a character of the same name, and enters the world. */
  async comesFirst(name: string, password: string): Promise<void> {
    await this.reads("Name:");
    for (const line of ["new", name, password, `create ${name}`, "1"]) this.types(line);
    await this.reads("You are in");
  }

  /** Logs in, and enters the world with the first character. */
  async comesBack(name: string, password: string): Promise<void> {
    await this.reads("Name:");
    for (const line of [name, password, "1"]) this.types(line);
    await this.reads("You are in");
  }
}
