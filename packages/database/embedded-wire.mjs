import { createServer } from "node:net";

/**
 * Serves one PGlite, which is one Postgres session, to any number of clients that each believe they have their own.
 * (pglite-socket interleaves the messages of its clients, and then even unnamed statements get mixed up.)
 *
 * - Messages of one client up to a Sync or a simple Query run without messages of another client in between.
 * - No other client runs while one is inside a transaction.
 * - Names of prepared statements get the client's number in front, and are closed when it leaves.
 *
 * Settings (`SET`) and advisory locks are shared. COPY from the client, and cancelling a query, do not work.
 *
 * Messages: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

const sslRequest = 80877103;
const gssRequest = 80877104;
const cancelRequest = 80877102;
const startupBytesMax = 10_000;

const [bind, close, describe, flush, parse, query, sync, terminate] = Buffer.from("BCDHPQSX");

/** @param {import("@electric-sql/pglite").PGlite} db */
export function createWireServer(db) {
  /** @type {Set<Client>} */
  const clients = new Set();
  /** The client inside a transaction or an unfinished exchange. @type {Client | undefined} */
  let holder;
  let running = false;
  let clientsSeen = 0;

  const server = createServer((socket) => {
    const client = new Client(socket, ++clientsSeen, runReady);
    clients.add(client);
    socket.on("data", (bytes) => client.take(bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      client.leave();
      runReady();
    });
  });

  /** A failure here is a bug. It is not handled, so it ends the thread. */
  function runReady() {
    void run();
  }

  /** Runs complete exchanges, one client at a time, in the order of arrival. */
  async function run() {
    if (running) return;
    running = true;
    for (let client = ready(); client !== undefined; client = ready()) {
      clients.delete(client);
      if (!client.gone) clients.add(client); // to the end of the queue
      const messages = client.takeReady();
      await db.execProtocolRawStream(messages, { onRawData: (bytes) => client.answer(bytes) });
      client.flushAnswers();
      holder = client.midway || db.isInTransaction() ? client : undefined;
    }
    running = false;
  }

  function ready() {
    if (holder) return holder.hasReady ? holder : undefined;
    for (const client of clients) {
      if (client.hasReady) return client;
    }
    return undefined;
  }

  return {
    server,
    /** Cuts every connection after the running exchange has ended. */
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        for (const client of clients) client.socket.destroy();
      }),
  };
}

class Client {
  /** @type {Buffer} */
  #unread = Buffer.alloc(0);
  /** @type {Buffer[]} */
  #messages = [];
  /** How many of the messages make whole exchanges. */
  #readyCount = 0;
  #started = false;
  /** @type {Buffer[]} */
  #answers = [];
  /** @type {Set<string>} */
  #statements = new Set();

  gone = false;
  /** Between a Flush and the Sync that ends the exchange. */
  midway = false;

  /**
   * @param {import("node:net").Socket} socket
   * @param {number} number
   * @param {() => void} run
   */
  constructor(socket, number, run) {
    this.socket = socket;
    this.prefix = Buffer.from(`c${number}_`);
    this.run = run;
  }

  get hasReady() {
    return this.#readyCount > 0;
  }

  /** All complete exchanges as one piece, which PGlite answers in order. A startup message goes alone. */
  takeReady() {
    const messages = this.#messages.splice(0, this.#messages[0]?.[0] === 0 ? 1 : this.#readyCount);
    this.#readyCount -= messages.length;
    this.midway = messages.at(-1)?.[0] === flush;
    return new Uint8Array(Buffer.concat(messages));
  }

  /** @param {Buffer} bytes */
  take(bytes) {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    let offset = 0;
    for (;;) {
      const header = this.#started ? 1 : 0;
      if (this.#unread.length - offset < header + 4) break;
      const length = header + this.#unread.readInt32BE(offset + header);
      if (length < header + 4 || (!this.#started && length > startupBytesMax)) return this.socket.destroy();
      if (this.#unread.length - offset < length) break;
      const message = this.#unread.subarray(offset, offset + length);
      offset += length;
      if (this.#started) this.#takeMessage(message);
      else this.#takeStartup(message);
    }
    this.#unread = this.#unread.subarray(offset);
    this.run();
  }

  /** @param {Buffer} message */
  #takeStartup(message) {
    const code = message.length >= 8 ? message.readInt32BE(4) : 0;
    if (code === sslRequest || code === gssRequest) {
      this.socket.write("N");
    } else if (code === cancelRequest) {
      this.socket.destroy();
    } else {
      this.#started = true;
      // A settings packet would change the one session that all clients share, so only these two are sent on.
      this.#push(startupMessage({ user: "postgres", database: "postgres" }), true);
    }
  }

  /** @param {Buffer} message */
  #takeMessage(message) {
    switch (message[0]) {
      case parse:
        return this.#push(this.#rename(message, 5), false);
      case bind:
        return this.#push(this.#rename(message, message.indexOf(0, 5) + 1), false);
      case describe:
      case close:
        return this.#push(message[5] === 0x53 ? this.#rename(message, 6) : message, false);
      case terminate:
        return this.socket.end();
      default:
        return this.#push(message, message[0] === query || message[0] === sync || message[0] === flush);
    }
  }

  /**
   * @param {Buffer} message
   * @param {boolean} endsExchange
   */
  #push(message, endsExchange) {
    this.#messages.push(message);
    if (endsExchange) this.#readyCount = this.#messages.length;
  }

  /**
   * Puts the client's number before the statement name at `offset`, unless the statement is unnamed.
   * @param {Buffer} message
   * @param {number} offset
   */
  #rename(message, offset) {
    if (message[offset] === 0) return message;
    if (message[0] === parse) this.#statements.add(message.toString("latin1", 5, message.indexOf(0, 5)));
    const renamed = Buffer.concat([message.subarray(0, offset), this.prefix, message.subarray(offset)]);
    renamed.writeInt32BE(renamed.length - 1, 1);
    return renamed;
  }

  /** @param {Uint8Array} bytes */
  answer(bytes) {
    this.#answers.push(Buffer.from(bytes)); // a copy, because PGlite reuses the memory
  }

  flushAnswers() {
    const answers = this.#answers.splice(0);
    if (answers.length > 0 && this.socket.writable) this.socket.write(Buffer.concat(answers));
  }

  /** Complete requests are still carried out. After that, nothing of this client stays in the session. */
  leave() {
    this.gone = true;
    this.#messages.length = this.#readyCount;
    this.#push(simpleMessage(sync), true);
    this.#push(simpleMessage(query, Buffer.from("ROLLBACK\0")), true);
    for (const name of this.#statements) {
      this.#push(this.#rename(simpleMessage(close, Buffer.from(`S${name}\0`, "latin1")), 6), false);
    }
    this.#push(simpleMessage(sync), true);
  }
}

/**
 * @param {number} type
 * @param {Buffer} body
 */
function simpleMessage(type, body = Buffer.alloc(0)) {
  const message = Buffer.concat([Buffer.from([type, 0, 0, 0, 0]), body]);
  message.writeInt32BE(message.length - 1, 1);
  return message;
}

/** @param {Record<string, string>} parameters */
function startupMessage(parameters) {
  const text = Object.entries(parameters).flat().join("\0");
  const message = Buffer.from(`\0\0\0\0\0\x03\0\0${text}\0\0`, "latin1");
  message.writeInt32BE(message.length, 0);
  return message;
}
