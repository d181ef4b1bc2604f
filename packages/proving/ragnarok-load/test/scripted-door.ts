import { createServer, type Server, type Socket } from "node:net";
import { afterEach } from "vitest";

/** One client's connection at a server that follows a script. */
export class Visit {
  readonly #socket: Socket;
  readonly ended: Promise<void>;
  #bytes: Buffer = Buffer.alloc(0);
  #isEnded = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.#isEnded = true;
        this.#wake();
        resolve();
      };
      socket.on("end", end);
      socket.on("error", end);
    });
    socket.on("data", (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
  }

  /** Resolves to the next `count` bytes, or to fewer bytes if the client ended first. */
  async take(count: number): Promise<Buffer> {
    while (this.#bytes.length < count && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  send(...pieces: Buffer[]): void {
    this.#socket.write(Buffer.concat(pieces));
  }

  end(): void {
    this.#socket.end();
  }
}

type Script = (visit: Visit) => Promise<void>;

/** A door with one script for each visit; the last script serves all later visits. */
export class ScriptedDoor {
  readonly host = "127.0.0.1";
  port = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scripts: Script[];
  readonly #failures: unknown[] = [];

  private constructor(scripts: Script[]) {
    this.#scripts = scripts;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const script = this.#scripts.length > 1 ? this.#scripts.shift() : this.#scripts[0];
      script?.(new Visit(socket)).catch((error: unknown) => this.#failures.push(error));
    });
  }

  static async open(...scripts: Script[]): Promise<ScriptedDoor> {
    const door = new ScriptedDoor(scripts);
    await new Promise<void>((resolve) => door.#server.listen(0, door.host, resolve));
    const address = door.#server.address();
    door.port = typeof address === "object" && address !== null ? address.port : 0;
    doors.push(door);
    return door;
  }

  /** Closes the door, and throws the error of a script. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    for (const failure of this.#failures) throw failure;
  }
}

const doors: ScriptedDoor[] = [];

afterEach(async () => {
  for (const door of doors.splice(0)) await door.close();
});
