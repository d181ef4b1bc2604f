import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface SentLetter {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, as they went over the wire. */
  readonly text: string;
}

export interface RunningSmtp {
  /** `smtp://127.0.0.1:port`, without user and password. */
  readonly url: string;
  /** In the order in which the server took them. */
  readonly letters: SentLetter[];
  stop(): Promise<void>;
}

/** Starts a mail server on loopback that keeps all letters. With a user, it takes letters from nobody else. */
export async function startSmtp(only?: {
  readonly user: string;
  readonly password: string;
}): Promise<RunningSmtp> {
  const letters: SentLetter[] = [];
  const server = new SMTPServer({
    authOptional: only === undefined,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth({ username, password }, _, callback) {
      const isRight = username === only?.user && password === only?.password;
      callback(isRight ? null : new Error("Invalid login"), isRight ? { user: username } : undefined);
    },
    onData(stream, { envelope: { mailFrom, rcptTo } }, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const to = rcptTo.map(({ address }) => address);
        const text = Buffer.concat(chunks).toString("utf8");
        letters.push({ from: mailFrom === false ? "" : mailFrom.address, to, text });
        callback();
      });
    },
  });
  // A client that hangs up in the middle is its own business.
  server.on("error", () => {});
  const { server: listener } = server;
  server.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  return {
    ...{ url: `smtp://127.0.0.1:${port}`, letters },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
