import { WireError } from "@sallyport/wire";
import type { Codec } from "../../protocol.ts";

export type LineSaid =
  /** A line of the person, without its end. Control characters are left out. */
  | { readonly type: "line"; readonly text: string }
  /** A line became longer than `lineBytesMax`. It is read over up to its end. */
  | { readonly type: "too-long" };

export type LineTold =
  /** Lines, separated by line feeds. */
  | { readonly type: "text"; readonly text: string }
  /** What the person types next is not to be shown on the screen. Only a telnet client obeys. */
  | { readonly type: "hide" }
  | { readonly type: "show" };

/** In bytes, without the end of the line. */
export const lineBytesMax = 1_024;
/** In bytes: what a client may say in one telnet subnegotiation. */
const negotiationBytesMax = 256;

const [cr, lf, nul] = [0x0d, 0x0a, 0x00];
/** Telnet commands (RFC 854): all begin with 255. A data byte 255 is sent twice, and no UTF-8 has one. */
const iac = 0xff;
const [se, sb, will, wont, dont] = [0xf0, 0xfa, 0xfb, 0xfc, 0xfe];
/** The option ECHO (RFC 857). A client that is told that the other end echoes does not show what is typed. */
const echo = 1;

type Telnet = "text" | "command" | "option" | "negotiation" | "negotiation-command";

/**
 * Lines of text in UTF-8, as telnet and MUD clients and `nc` send them: each ends with LF, CR LF, CR NUL or CR.
 * Telnet negotiation is read over. So is a line that is too long, and it is reported at once. Throws `WireError` if
 * a negotiation is too long.
 */
export class LineCodec implements Codec<LineSaid, LineTold> {
  readonly #line: number[] = [];
  /** The line is too long already, and nothing of it is kept. */
  #isReadOver = false;
  #mode: Telnet = "text";
  #negotiationBytes = 0;
  #isAfterCr = false;
  /** Whether the client has sent a telnet command. Others would show those of this end as garbage. */
  #isTelnet = false;

  read(bytes: Uint8Array): readonly LineSaid[] {
    const said: LineSaid[] = [];
    for (const byte of bytes) {
      if (!this.#isText(byte)) continue;
      const isRestOfEnd = this.#isAfterCr && (byte === lf || byte === nul);
      this.#isAfterCr = byte === cr;
      if (isRestOfEnd) continue;
      if (byte === cr || byte === lf) {
        if (!this.#isReadOver) said.push(this.#take());
        this.#isReadOver = false;
      } else if (!this.#isReadOver && this.#line.push(byte) > lineBytesMax) {
        this.#line.length = 0;
        this.#isReadOver = true;
        said.push({ type: "too-long" });
      }
    }
    return said;
  }

  write(message: LineTold): Uint8Array {
    if (message.type === "text") return encode(`${message.text.replaceAll("\n", "\r\n")}\r\n`);
    if (!this.#isTelnet) return new Uint8Array();
    return new Uint8Array([iac, message.type === "hide" ? will : wont, echo]);
  }

  #take(): LineSaid {
    const text = decoder.decode(new Uint8Array(this.#line.splice(0)));
    return { type: "line", text: text.replaceAll("\t", " ").replaceAll(/\p{Cc}/gu, "") };
  }

  /** Returns false for the bytes of telnet commands. */
  #isText(byte: number): boolean {
    const mode = this.#mode;
    if (mode === "text") {
      if (byte !== iac) return true;
      this.#mode = "command";
      return false;
    }
    this.#mode = this.#after(mode, byte);
    return false;
  }

  #after(mode: Exclude<Telnet, "text">, byte: number): Telnet {
    switch (mode) {
      case "command":
        this.#isTelnet = true;
        this.#negotiationBytes = 0;
        if (byte === sb) return "negotiation";
        return byte >= will && byte <= dont ? "option" : "text";
      case "option":
        return "text";
      case "negotiation":
        this.#negotiationBytes += 1;
        if (this.#negotiationBytes > negotiationBytesMax)
          throw new WireError("telnet", `a negotiation longer than ${negotiationBytesMax} bytes`);
        return byte === iac ? "negotiation-command" : "negotiation";
      case "negotiation-command":
        return byte === se ? "text" : "negotiation";
    }
  }
}

const decoder = new TextDecoder();
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
