import { whyText } from "../explained.ts";
import { type Language, languageNames, languages } from "../language.ts";
import type { Deed, Notice, State } from "../state.ts";
import type { Texts } from "../texts.ts";
import { translations } from "../translations.ts";
import { element, say } from "./dom.ts";
import { endedView } from "./ended-view.ts";
import { mapView } from "./map-view.ts";
import type { PainterOptions } from "./painter.ts";
import { returningView } from "./returning-view.ts";
import { selectView } from "./select-view.ts";
import { titleView } from "./title-view.ts";
import type { View } from "./view.ts";
import { worldsView } from "./worlds-view.ts";

/** What all screens have in common: the title, the choice of a language, and the notices above the screen. */
export class Frame {
  readonly #body: HTMLElement;
  readonly #act: (deed: Deed) => void;
  readonly #options: PainterOptions;
  readonly #trouble = element("p", { class: "trouble", role: "alert" });
  readonly #news = element("p", { role: "status" });
  readonly #main = element("main");
  #shown: { readonly of: string; readonly view: View } | null = null;
  #language: Language | null = null;
  #returning: ReturnType<typeof returningView> | null = null;

  constructor(body: HTMLElement, act: (deed: Deed) => void, options: PainterOptions) {
    this.#body = body;
    this.#act = act;
    this.#options = options;
  }

  show(state: State): void {
    const texts = translations[state.language];
    if (state.language !== this.#language) this.#speak(state.language, texts);
    const { screen } = state;
    const of = `${screen.at} ${screen.at === "title" ? screen.form : ""} ${state.language}`;
    if (of !== this.#shown?.of) this.#open(of, this.#viewOf(state, texts));
    this.#shown?.view.show(state);
    this.#main.setAttribute("aria-busy", String(state.busy !== null));
    say(this.#trouble, troubleOf(state, texts));
    say(this.#news, newsOf(state, texts));
    // The map has this view of its own, so that the last picture stays in sight.
    this.#returning?.show({ returning: screen.at === "map" ? null : state.returning });
  }

  #speak(language: Language, texts: Texts): void {
    this.#language = language;
    document.documentElement.lang = language;
    document.title = texts.title;
    const choice = element(
      "select",
      { id: "language" },
      ...languages.map((each) =>
        element("option", { value: each, lang: each, selected: each === language }, languageNames[each]),
      ),
    );
    choice.addEventListener("change", () => this.#act({ type: "speak", language: choice.value as Language }));
    this.#returning = returningView({ texts, do: this.#act }, this.#options.nowMs);
    const hadFocus = document.activeElement?.id === "language";
    this.#body.replaceChildren(
      element("header", {}, element("h1", {}, texts.title), element("label", {}, texts.language, choice)),
      this.#main,
    );
    if (hadFocus) choice.focus();
  }

  #open(of: string, view: View): void {
    const isFirst = this.#shown === null;
    const isTranslation = document.activeElement?.id === "language";
    this.#shown?.view.close?.();
    this.#shown = { of, view };
    const returning = this.#returning === null ? [] : [this.#returning.element];
    this.#main.replaceChildren(
      element("div", { class: "notices" }, this.#trouble, this.#news, ...returning),
      view.element,
    );
    // The focus of the old screen is gone. Without a new one, keys would start again at the top of the page.
    if (!isTranslation || isFirst) view.focus.focus({ preventScroll: true });
  }

  #viewOf(state: State, texts: Texts): View {
    const stage = { texts, do: this.#act };
    const { screen } = state;
    switch (screen.at) {
      case "title":
        return titleView(screen, state, stage);
      case "worlds":
        return worldsView(screen, stage);
      case "select":
        return selectView(screen, stage);
      case "map":
        return mapView(screen, stage, this.#options);
      case "ended":
        return endedView(screen, stage);
    }
  }
}

function troubleOf({ notice, screen }: State, texts: Texts): string {
  if (notice?.kind !== "trouble") return "";
  return whyText(texts, notice.refusal, notice.explained, screen.at === "select" ? "character" : "account");
}

function newsOf({ busy, notice, returning }: State, texts: Texts): string {
  if (busy !== null && returning === null) return busy === "log-in" ? texts.proving : texts.working;
  return isNews(notice) ? texts.news[notice.news](notice.name) : "";
}

const isNews = (notice: Notice | null): notice is Extract<Notice, { kind: "news" }> =>
  notice?.kind === "news";
