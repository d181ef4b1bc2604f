import type { Sex } from "@sallyport/domain";
import type { State } from "../state.ts";
import { button, element, field } from "./dom.ts";
import type { ScreenAt, Stage, View } from "./view.ts";

const nameCharsMax = "20";
const passwordCharsMax = "128";

/** The form to log in or to register. */
export function titleView(
  { form: purpose }: ScreenAt<"title">,
  { accountName }: Pick<State, "accountName">,
  { texts, do: act }: Stage,
): View {
  const isNew = purpose === "register";
  const name = field({
    name: "name",
    label: texts.name,
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: "false",
    maxlength: nameCharsMax,
    value: isNew ? "" : accountName,
    ...(isNew ? { hint: texts.nameHint } : {}),
  });
  const password = field({
    name: "password",
    label: texts.password,
    type: "password",
    autocomplete: isNew ? "new-password" : "current-password",
    maxlength: passwordCharsMax,
    ...(isNew ? { hint: texts.passwordHint } : {}),
  });
  const sexes = (["female", "male"] as const).map((sex) =>
    element(
      "label",
      {},
      element("input", { type: "radio", name: "sex", value: sex, checked: sex === "female" }),
      texts[sex],
    ),
  );
  const submit = element("button", { class: "main" }, isNew ? texts.register : texts.logIn);
  const form = element(
    "form",
    {},
    name.row,
    password.row,
    ...(isNew ? [element("fieldset", {}, element("legend", {}, texts.sex), ...sexes)] : []),
    submit,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const account = { name: name.input.value, password: password.input.value };
    const sex = new FormData(form).get("sex") as Sex | null;
    act({
      type: "command",
      command: isNew
        ? { type: "register", sex: sex ?? "female", ...account }
        : { type: "log-in", ...account },
    });
  });
  const other = button(isNew ? texts.toLogIn : texts.toRegister, () =>
    act({ type: "form", form: isNew ? "log-in" : "register" }),
  );
  const heading = element("h2", {}, isNew ? texts.register : texts.logIn);
  return {
    element: element("section", { class: "sheet" }, heading, form, element("p", { class: "actions" }, other)),
    focus: name.input.value === "" ? name.input : password.input,
    show({ busy, notice }) {
      submit.setAttribute("aria-disabled", String(busy !== null));
      // A refused password is typed again, and not appended to.
      const isWrong = notice?.kind === "trouble" && notice.refusal === "wrong-name-or-password";
      if (isWrong && busy === null && document.activeElement === submit) password.input.focus();
      if (isWrong && busy === null) password.input.select();
    },
  };
}
