import { readSettings } from "@sallyport/server-kit";
import { describe, expect, test } from "vitest";
import { loginTierSettings } from "../src/index.ts";

const { registrationMode, formerRegistration, isConfirmationRequired, clientVersions } = loginTierSettings;
const settings = { registrationMode, formerRegistration, isConfirmationRequired, clientVersions };
const read = (environment: Readonly<Record<string, string>>) => readSettings(settings, environment);

describe("registration", () => {
  test("is open, and needs no confirmed address, unless the settings say so", () => {
    expect(read({})).toMatchObject({ registrationMode: "open", isConfirmationRequired: false });
    expect(read({ REGISTRATION: "invitation", EMAIL_CONFIRMATION: "required" })).toMatchObject({
      registrationMode: "invitation",
      isConfirmationRequired: true,
    });
  });

  test.each(["yes", "no"])(
    "does not open by an upgrade: LOGIN_REGISTRATION=%s is refused, and says what to set",
    (text) => {
      expect(() => read({ LOGIN_REGISTRATION: text })).toThrow(
        /LOGIN_REGISTRATION.*REGISTRATION to open, closed/,
      );
    },
  );

  test.each([
    ["REGISTRATION", "maybe"],
    ["EMAIL_CONFIRMATION", "yes"],
    ["CLIENT_VERSIONS", "native:"],
  ])("%s cannot be %s", (variable, text) => {
    expect(() => read({ [variable]: text })).toThrow(variable);
  });
});
