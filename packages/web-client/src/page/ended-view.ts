import { whyText } from "../explained.ts";
import { button, element, say } from "./dom.ts";
import type { ScreenAt, Stage, View } from "./view.ts";

/** Says why the game has ended on this page, and offers the way back. */
export function endedView({ reason }: ScreenAt<"ended">, { texts, do: act }: Stage): View {
  const isTakenOver = reason === "logged-in-elsewhere";
  const heading = element("h2", { tabindex: "-1" }, isTakenOver ? texts.takenOver : texts.ended);
  const why = element("p", {});
  const last = element("p", {});
  const back = button(texts.playHere, () => act({ type: "come-back" }), { class: "main" });
  const out = button(texts.logOut, () => act({ type: "give-up" }));
  return {
    element: element(
      "section",
      { class: "sheet", role: "alert" },
      heading,
      why,
      last,
      element("p", { class: "actions" }, back, out),
    ),
    focus: heading,
    // An attempt to come back that fails leads to this screen again.
    show({ busy, screen }) {
      back.setAttribute("aria-disabled", String(busy !== null));
      if (screen.at !== "ended") return;
      const { refusal, explained } = screen;
      say(why, refusal === null ? whyText(texts, screen.reason, explained) : texts.refusal(screen.reason));
      say(last, refusal === null ? "" : texts.lastTry(whyText(texts, refusal, explained)));
      last.hidden = refusal === null;
    },
  };
}
