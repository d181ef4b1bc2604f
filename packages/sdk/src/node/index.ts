import { connectTcp } from "@sallyport/link/tcp";
import type { Connect } from "../connection.ts";

/** The native protocol over TCP. */
export const tcpConnect: Connect = (address, withinMs) => connectTcp(address, withinMs);
