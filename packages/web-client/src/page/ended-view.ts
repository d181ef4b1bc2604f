import { whyText } from "../explained.ts";
import { button, element } from "./dom.ts";
import type { ScreenAt, Stage, View } from "./view.ts";

/** Says why the game has ended on this page, and offers the way back. */
export function endedView(
  { reason, refusal, explained }: ScreenAt<"ended">,
  { texts, do: act }: Stage,
): View {
  const isTakenOver = reason === "logged-in-elsewhere";
  const heading = element("h2", { tabindex: "-1" }, isTakenOver ? texts.takenOver : texts.ended);
  const back = button(texts.playHere, () => act({ type: "come-back" }), { class: "main" });
  const out = button(texts.logOut, () => act({ type: "give-up" }));
  const why = refusal === null ? whyText(texts, reason, explained) : texts.refusal(reason);
  const last = refusal === null ? [] : [element("p", {}, texts.lastTry(whyText(texts, refusal, explained)))];
  return {
    element: element(
      "section",
      { class: "sheet", role: "alert" },
      heading,
      element("p", {}, why),
      ...last,
      element("p", { class: "actions" }, back, out),
    ),
    focus: heading,
    show({ busy }) {
      back.setAttribute("aria-disabled", String(busy !== null));
    },
  };
}
