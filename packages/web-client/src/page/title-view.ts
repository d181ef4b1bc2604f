import type { Sex } from "@sallyport/domain";
import type { MenuCommand, State, TitleForm } from "../state.ts";
import type { Texts } from "../texts.ts";
import { button, element, field } from "./dom.ts";
import type { ScreenAt, Stage, View } from "./view.ts";

type FieldName = "name" | "login" | "email" | "address" | "password" | "newPassword" | "invitation" | "code";

interface Form {
  readonly fields: readonly FieldName[];
  readonly hasSex?: true;
  /** The fields that few players need come last. */
  readonly last?: readonly FieldName[];
  /** The forms to which it leads. */
  readonly others: readonly TitleForm[];
}

const forms: { readonly [F in TitleForm]: Form } = {
  "log-in": { fields: ["login", "password"], others: ["register", "ask-reset"] },
  register: {
    fields: ["name", "newPassword"],
    hasSex: true,
    last: ["email", "invitation"],
    others: ["log-in", "confirm"],
  },
  "ask-reset": { fields: ["address"], others: ["log-in", "reset"] },
  reset: { fields: ["code", "newPassword"], others: ["log-in", "ask-reset"] },
  confirm: { fields: ["code"], others: ["log-in"] },
};

const noHelp = { autocapitalize: "none", spellcheck: "false" };
const emailCharsMax = "254";
const passwordCharsMax = "128";

/** The form to log in, to register, or to show a code from a letter. */
export function titleView(
  { form: purpose, code = "" }: ScreenAt<"title">,
  { accountName }: Pick<State, "accountName">,
  { texts, do: act }: Stage,
): View {
  const { fields, hasSex, last = [], others } = forms[purpose];
  const rows = [...fields, ...last].map(
    (name) => [name, fieldOf(name, purpose, { accountName, code }, texts)] as const,
  );
  const shown = rows.map(([, { row }]) => row);
  const textOf = (wanted: FieldName): string => rows.find(([name]) => name === wanted)?.[1].input.value ?? "";
  const sexes = (["female", "male"] as const).map((sex) =>
    element(
      "label",
      {},
      element("input", { type: "radio", name: "sex", value: sex, checked: sex === "female" }),
      texts[sex],
    ),
  );
  const submit = element("button", { class: "main" }, texts.forms[purpose]);
  const form = element(
    "form",
    {},
    ...shown.slice(0, fields.length),
    ...(hasSex ? [element("fieldset", {}, element("legend", {}, texts.sex), ...sexes)] : []),
    ...shown.slice(fields.length),
    submit,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const sex = (new FormData(form).get("sex") as Sex | null) ?? "female";
    act({ type: "command", command: commandOf(purpose, textOf, sex) });
  });
  const links = others.map((other) => button(texts.toForm[other], () => act({ type: "form", form: other })));
  const heading = element("h2", {}, texts.forms[purpose]);
  const inputs = rows.map(([, { input }]) => input);
  const password = inputs.find(({ type }) => type === "password");
  return {
    element: element(
      "section",
      { class: "sheet" },
      ...[heading, form, element("p", { class: "actions" }, ...links)],
    ),
    focus: inputs.find(({ value }) => value === "") ?? submit,
    show({ busy, notice }) {
      submit.setAttribute("aria-disabled", String(busy !== null));
      // A refused password is typed again, and not appended to.
      const isWrong = notice?.kind === "trouble" && notice.refusal === "wrong-name-or-password";
      if (isWrong && busy === null && document.activeElement === submit) password?.focus();
      if (isWrong && busy === null) password?.select();
    },
  };
}

function fieldOf(
  name: FieldName,
  purpose: TitleForm,
  known: { readonly accountName: string; readonly code: string },
  texts: Texts,
): ReturnType<typeof field> {
  switch (name) {
    case "name":
      return field({
        ...{ name: "name", label: texts.name, hint: texts.nameHint, ...noHelp },
        ...{ autocomplete: "username", maxlength: "20", value: "" },
      });
    case "login":
      return field({
        ...{ name: "name", label: texts.nameOrEmail, ...noHelp },
        ...{ autocomplete: "username", maxlength: emailCharsMax, value: known.accountName },
      });
    case "email":
    case "address":
      return field({
        ...{ name: "email", label: texts.email, type: "email", autocomplete: "email" },
        ...{ maxlength: emailCharsMax, required: name === "address" },
        ...(name === "email" ? { hint: texts.emailHint } : {}),
      });
    case "password":
      return field({
        ...{ name: "password", label: texts.password, type: "password" },
        ...{ autocomplete: "current-password", maxlength: passwordCharsMax },
      });
    case "newPassword":
      return field({
        ...{ name: "password", type: "password", autocomplete: "new-password", maxlength: passwordCharsMax },
        ...{ label: purpose === "register" ? texts.password : texts.newPassword, hint: texts.passwordHint },
      });
    case "invitation":
      return field({
        ...{ name: "invitation", label: texts.invitation, hint: texts.invitationHint, ...noHelp },
        ...{ autocomplete: "off", maxlength: "64", required: false },
      });
    case "code":
      return field({
        ...{ name: "code", label: texts.code, ...noHelp },
        ...{ autocomplete: "one-time-code", maxlength: "64", value: known.code },
      });
  }
}

function commandOf(purpose: TitleForm, textOf: (name: FieldName) => string, sex: Sex): MenuCommand {
  switch (purpose) {
    case "log-in":
      return { type: "log-in", name: textOf("login"), password: textOf("password") };
    case "register": {
      const known = { name: textOf("name"), email: textOf("email"), invitation: textOf("invitation") };
      return { type: "register", ...known, password: textOf("newPassword"), sex };
    }
    case "ask-reset":
      return { type: "ask-reset", email: textOf("address") };
    case "reset":
      return { type: "reset", code: textOf("code"), newPassword: textOf("newPassword") };
    case "confirm":
      return { type: "confirm", code: textOf("code") };
  }
}
