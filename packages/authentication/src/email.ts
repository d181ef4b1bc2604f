import { domainToASCII } from "node:url";
import { emailUnitsMax } from "@sallyport/domain";

export interface Email {
  /** As its owner typed it, in NFC, with the domain in lower case and in ASCII. */
  readonly address: string;
  /** One form for all addresses that differ only in case. Mailboxes that differ in case alone are one here. */
  readonly key: string;
}

const localBytesMax = 64;

/** One or more atoms with dots between them. Quoted local parts are not supported. */
const localPart = /^[^\s\p{C}<>()[\]\\,;:@".]+(\.[^\s\p{C}<>()[\]\\,;:@".]+)*$/u;
/** `domainToASCII` reads the host of a URL: it would drop line breaks and all from a slash on, and read `%2e`. */
const typedDomain = /^[^\s\p{Cc}%/?#\\]+$/u;
/** Two or more labels of letters, digits and hyphens. The last label is no number, so it is no IP address. */
const domainPart = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/**
 * Reads an address as people type it. Returns null if no mail can be sent to it. The domain becomes ASCII, as
 * the DNS has it, so `müller.example` and `xn--mller-kva.example` are the same.
 */
export function readEmail(typed: string): Email | null {
  if (typed.length > emailUnitsMax) return null;
  const [local = "", domain = "", ...rest] = typed.normalize("NFC").split("@");
  const ascii = typedDomain.test(domain) ? domainToASCII(domain) : "";
  const isRead =
    rest.length === 0 &&
    localPart.test(local) &&
    Buffer.byteLength(local, "utf8") <= localBytesMax &&
    domainPart.test(ascii);
  const address = `${local}@${ascii}`;
  if (!isRead || Buffer.byteLength(address, "utf8") > emailUnitsMax) return null;
  return { address, key: address.toLowerCase().normalize("NFC") };
}

/** Names have no `@`, so a login name with one is an e-mail address. */
export const isEmail = (loginName: string): boolean => loginName.includes("@");
