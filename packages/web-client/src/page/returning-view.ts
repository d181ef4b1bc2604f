import type { State } from "../state.ts";
import { button, element, say } from "./dom.ts";
import type { Stage } from "./view.ts";

/** Says that the connection is lost, and when the page tries again. */
export function returningView(
  { texts, do: act }: Stage,
  nowMs: () => number,
): {
  readonly element: HTMLElement;
  show(state: Pick<State, "returning">): void;
} {
  const why = element("p", { role: "alert" });
  const when = element("p", {});
  const now = button(texts.tryNow, () => act({ type: "come-back" }), { class: "main" });
  const out = button(texts.giveUp, () => act({ type: "give-up" }));
  const overlay = element(
    "div",
    { class: "overlay", hidden: true },
    why,
    when,
    element("p", { class: "actions" }, now, out),
  );
  let timer: number | undefined;
  return {
    element: overlay,
    show({ returning }) {
      clearInterval(timer);
      overlay.hidden = returning === null;
      if (returning === null) return say(why, "");
      say(why, texts.lost(texts.refusal(returning.reason)));
      const { attempt, dueMs } = returning;
      now.setAttribute("aria-disabled", String(dueMs === null));
      const tell = (): void => {
        const seconds = dueMs === null ? 0 : Math.max(0, Math.ceil((dueMs - nowMs()) / 1_000));
        say(when, dueMs === null ? texts.trying(attempt) : texts.nextTry(attempt, seconds));
      };
      tell();
      timer = setInterval(tell, 500);
    },
  };
}
