import type { SendLetter } from "@sallyport/authentication";
import { createTransport } from "nodemailer";
import { letterOf } from "./letter.ts";

export interface PostOptions {
  /** `smtp:` uses STARTTLS if the server offers it, and `smtps:` uses TLS from the start. */
  readonly smtpUrl: string;
  /** The sender, such as `Harbour <no-reply@example.org>`. */
  readonly from: string;
  /** See `letterOf`. */
  readonly link: string | null;
}

/** A letter that takes longer is not sent. */
const waitMs = 20_000;

/** Each letter has a connection of its own. Its sender bounds how many letters are under way. */
export function createPost({ smtpUrl, from, link }: PostOptions): SendLetter {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const isSecure = protocol === "smtps:";
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const user = decodeURIComponent(username);
  const transport = createTransport({
    host,
    port: port === "" ? (isSecure ? 465 : 587) : Number(port),
    secure: isSecure,
    // A password never goes over the network unprotected.
    requireTLS: user !== "" && !isLoopback(host),
    ...(user !== "" && { auth: { user, pass: decodeURIComponent(password) } }),
    ...{ connectionTimeout: waitMs, greetingTimeout: waitMs, socketTimeout: waitMs, dnsTimeout: waitMs },
    // Only the text below is sent: no file and no address is fetched for a letter.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  return async (letter) => {
    // As an object, so that the address is never read as a list of addresses.
    const to = { name: "", address: letter.to };
    const headers = { "Auto-Submitted": "auto-generated" };
    await transport.sendMail({ from, to, headers, ...letterOf(letter, link) });
  };
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || host.startsWith("127.");
