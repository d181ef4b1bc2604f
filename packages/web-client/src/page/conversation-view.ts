import type { DialogueAnswer, Ware } from "@sallyport/domain";
import type { Conversation, Dialogue, Shop } from "../conversation.ts";
import { button, element } from "./dom.ts";
import type { Stage } from "./view.ts";

interface ConversationView {
  readonly element: HTMLElement;
  show(conversation: Conversation | null): void;
}

/** What an actor says and sells. It takes the focus when it appears, and `closed` puts the focus back. */
export function conversationView({ texts, do: act }: Stage, closed: () => void): ConversationView {
  const panel = element("div", {
    class: "conversation",
    role: "dialog",
    "aria-labelledby": "speaker",
    hidden: true,
  });
  const speaker = element("h3", { id: "speaker" });
  // A screen reader reads changes of a region that was there before.
  const words = element("div", { "aria-live": "polite" });
  const choices = element("div");
  panel.append(speaker, words, choices);
  const answer = (given: DialogueAnswer): void => act({ type: "answer", answer: given });
  const close = (): HTMLButtonElement => button(texts.close, () => answer({ type: "close" }));

  const showDialogue = ({ name, said, waitsFor, choices: given }: Dialogue): void => {
    speaker.textContent = name;
    words.replaceChildren(...said.flatMap((text) => text.split("\n")).map((text) => element("p", {}, text)));
    const next = button(texts.next, () => answer({ type: "next" }), { class: "main" });
    const listed = given.map((choice, index) =>
      element(
        "li",
        {},
        button(`${index + 1}. ${choice}`, () => answer({ type: "choice", index })),
      ),
    );
    choices.replaceChildren(
      ...(waitsFor === "choice" ? [element("ol", {}, ...listed)] : []),
      element("p", { class: "actions" }, ...(waitsFor === "next" ? [next] : []), close()),
    );
    // More words are on their way.
    if (waitsFor !== "words") choices.querySelector("button")?.focus();
  };

  const ware = ({ item, name, price }: Ware): HTMLElement => {
    const amount = element("input", {
      ...{ type: "number", value: "1", min: "1", max: "99", required: true },
      "aria-label": texts.amountOf(name),
    });
    const form = element(
      "form",
      { class: "ware" },
      element("span", { class: "name" }, `${name}, ${texts.price(price)}`),
      amount,
      element("button", { class: "main" }, texts.buy(name)),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act({ type: "buy", item, amount: amount.valueAsNumber });
    });
    return element("li", {}, form);
  };

  const showShop = ({ name, goods }: Shop): void => {
    speaker.textContent = texts.shopOf(name);
    words.replaceChildren();
    choices.replaceChildren(
      element("ul", { class: "rows" }, ...goods.map(ware)),
      element("p", { class: "actions" }, close()),
    );
    choices.querySelector("button")?.focus();
  };

  panel.addEventListener("keydown", (event) => {
    const buttons = [...panel.querySelectorAll("button")];
    const at = buttons.findIndex((each) => each === document.activeElement);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === "Escape") answer({ type: "close" });
    else if (step !== 0 && !isTyping) buttons[(at + step + buttons.length) % buttons.length]?.focus();
    else if (/^[1-9]$/.test(event.key) && !isTyping)
      panel.querySelectorAll<HTMLElement>("ol button")[Number(event.key) - 1]?.click();
    else return;
    event.preventDefault();
  });

  let shown: Conversation | null = null;
  return {
    element: panel,
    show(conversation) {
      if (conversation === shown) return;
      shown = conversation;
      panel.hidden = conversation === null;
      if (conversation === null) return closed();
      if (conversation.type === "shop") showShop(conversation);
      // After an answer, the old words stay until new ones arrive.
      else if (!conversation.isAnswered) showDialogue(conversation);
    },
  };
}
