import { createClient, systemClock, transportTo } from "@sallyport/sdk/browser";
import { pickLanguage } from "../language.ts";
import { Shell } from "../shell.ts";
import { readLetter } from "../state.ts";
import { Frame } from "./frame.ts";
import { recall, remember } from "./memory.ts";
import { WorkerKeys } from "./worker-keys.ts";

/* Connects the parts of the page: the SDK, the shell that uses it, and the frame that shows its state. */

/** The bundler writes the version of the package here. */
declare const pageVersion: string;

const login = document.querySelector<HTMLMetaElement>('meta[name="sallyport-login"]')?.content ?? "";
const keys = new WorkerKeys(new Worker(new URL("proof-worker.js", import.meta.url), { type: "module" }));
const client = createClient({
  ...transportTo(login),
  credentials: keys,
  program: { name: "sallyport-page", version: pageVersion },
});
const { language = pickLanguage(navigator.languages), accountName = "" } = recall();
const letter = readLetter(location.hash);
// A code in the address would stay in the history of the browser.
if (letter !== null) history.replaceState(null, "", location.pathname);
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const shell: Shell = new Shell({
  client,
  initial: { language, accountName, letter },
  random: Math.random,
  changed: (state) => frame.show(state),
  remember,
  forget: () => keys.forget(),
});
const frame = new Frame(document.body, shell.do, {
  nowMs: () => systemClock.nowMs(),
  isCalm: () => calm.matches,
});
frame.show(shell.state);
// The network is back, so the next attempt need not wait.
window.addEventListener("online", () => {
  if (shell.state.returning !== null) shell.do({ type: "come-back" });
});
