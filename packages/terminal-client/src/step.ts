import type { Command, Notice, State, Step } from "./state.ts";

export const stay = (state: State): Step => ({ state, commands: [] });
export const news = (text: string): Notice => ({ text, kind: "news" });
export const trouble = (text: string): Notice => ({ text, kind: "trouble" });

const busyWords: Readonly<Record<Command["type"], string | null>> = {
  register: "Registering…",
  "log-in": "Logging in…",
  "ask-reset": "Asking…",
  reset: "Setting the password…",
  confirm: "Confirming…",
  "enter-world": "Entering the world…",
  create: "Creating…",
  delete: "Deleting…",
  choose: "Entering the map…",
  "log-out": "Leaving…",
  walk: null,
  report: null,
  "enter-room": null,
  say: null,
  click: null,
  take: null,
  answer: null,
  buy: null,
  send: null,
  order: null,
  back: "Saving, and going back to character select…",
  quit: "Saving and leaving…",
  abandon: "Leaving…",
};

/** Starts a command and shows that it is under way. Walks and chat show nothing. */
export function perform(state: State, command: Command): Step {
  const words = busyWords[command.type];
  if (words === null) return { state, commands: [command] };
  const isQuitting = state.isQuitting || command.type === "quit";
  return { state: { ...state, isQuitting, busy: words, retry: null }, commands: [command] };
}
