import type { ByteChannel } from "@sallyport/link";
import { connectTcp } from "@sallyport/link/tcp";
import { BareEnd } from "../echo/bare-end.ts";
import { askingEnd } from "../echo/link-end.ts";
import { message } from "../echo/message.ts";
import { ActFailed, type Address } from "./visit.ts";

/**
 * One measured act sends this many messages. If each message were measured alone, the measurement would cost
 * more than the message.
 */
export const messagesEach = 100;

const answerMs = 30_000;

/**
 * `ask` sends messages one after the other, and waits for each answer. Several calls can run at the same time
 * on one connection.
 */
export interface Asker {
  ask(): Promise<void>;
  close(): void;
}

export async function openAsker(by: "link" | "bare", address: Address): Promise<Asker> {
  const channel = await connectTcp(address, answerMs);
  const askOnce = by === "link" ? overLink(channel) : overBare(channel);
  return {
    async ask() {
      for (let nth = 0; nth < messagesEach; nth += 1) await askOnce();
    },
    close: () => channel.destroy(),
  };
}

function overLink(channel: ByteChannel): () => Promise<void> {
  const link = askingEnd(channel);
  return async () => {
    const answer = await link.ask({ type: "echo.say", ...message }, answerMs);
    if (!answer.ok) throw new ActFailed(`echo: ${answer.refusal}`);
  };
}

function overBare(channel: ByteChannel): () => Promise<void> {
  const waiting = new Map<number, () => void>();
  let sent = 0;
  const end = new BareEnd(channel, (value) => {
    const { id } = value as { readonly id: number };
    waiting.get(id)?.();
    waiting.delete(id);
  });
  return () => {
    sent += 1;
    end.send({ id: sent, type: "echo.say", ...message });
    return new Promise((resolve) => waiting.set(sent, resolve));
  };
}
