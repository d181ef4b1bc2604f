import { refused } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { invitationHash, type RegistrationForm, type RegistrationPolicy } from "../src/index.ts";
import { readRegistration } from "../src/registration.ts";

const open: RegistrationPolicy = { registrationMode: "open", isConfirmationRequired: false };
const form: RegistrationForm = { name: "walker", password: "correct horse", sex: "female" };
const email = "ann@example.org";

const read = (given: Partial<RegistrationForm>, policy: Partial<RegistrationPolicy> = {}) =>
  readRegistration({ ...form, ...given }, { ...open, ...policy });

describe("a new account", () => {
  test("has a name, an e-mail address, or both", () => {
    expect(read({})).toMatchObject({ value: { name: "walker", email: null, invitation: null } });
    expect(read({ email })).toMatchObject({ value: { name: "walker", email: { address: email } } });
    expect(read({ name: "", email })).toMatchObject({ value: { name: null, email: { address: email } } });
    expect(read({ email: "" })).toMatchObject({ value: { email: null } });
  });

  test.each<[Partial<RegistrationForm>, Partial<RegistrationPolicy>, string]>([
    [{ name: "" }, {}, "name-invalid"],
    [{ name: "a b" }, {}, "name-invalid"],
    [{ name: "ann@example.org" }, {}, "name-invalid"],
    [{ email: "ann" }, {}, "email-invalid"],
    [{ name: "", email: "ann" }, {}, "email-invalid"],
    [{}, { isConfirmationRequired: true }, "email-invalid"],
    [{ name: "" }, { isConfirmationRequired: true }, "email-invalid"],
    [{ password: "short" }, {}, "password-invalid"],
    [{ name: "" }, { registrationMode: "closed" }, "registration-closed"],
  ])("%j with %j is refused as %s", (given, policy, refusal) => {
    expect(read(given, policy)).toEqual(refused(refusal));
  });

  test("shows a code only where registration is by invitation", () => {
    const code = { invitation: "abcd-efgh" };
    expect(read(code)).toMatchObject({ value: { invitation: null } });
    expect(read(code, { registrationMode: "invitation" })).toMatchObject({
      value: { invitation: invitationHash("ABCDEFGH") },
    });
  });
});

test("an invitation code is the same in any case, with any signs between its letters", () => {
  const hash = invitationHash("ABCD1234");
  for (const typed of ["abcd1234", "abcd-1234", " ABCD 1234 "]) expect(invitationHash(typed)).toEqual(hash);
  expect(invitationHash("ABCD1235")).not.toEqual(hash);
});
