import { listenTcp } from "@sallyport/link/tcp";
import { BareEnd } from "./bare-end.ts";
import { echoingEnd } from "./link-end.ts";

/**
 * This process answers each message with the fields of that message. `main.js link` answers over a link.
 * `main.js bare` uses only msgpackr.
 */

const port = Number(process.env["ECHO_PORT"]);
await listenTcp({ host: "127.0.0.1", port }, (channel) => {
  if (process.argv[2] === "link") {
    echoingEnd(channel);
    return;
  }
  const end: BareEnd = new BareEnd(channel, (value) => end.send(value));
});
process.stdout.write("ready\n");
