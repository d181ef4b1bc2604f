import { readSettings } from "@sallyport/server-kit";
import { describe, expect, test } from "vitest";
import { checkMail, mailSettings } from "../src/index.ts";

const smtpUrl = "smtp://user:secret@mail.example.org:587";
const read = (environment: Readonly<Record<string, string>>) => readSettings(mailSettings, environment);
const check = (environment: Readonly<Record<string, string>>, isConfirmationRequired = false) =>
  checkMail({ ...read(environment), isConfirmationRequired });

describe("settings for mail", () => {
  test("may all be absent, and then no mail is sent", () => {
    expect(read({})).toEqual({ smtpUrl: null, mailFrom: null, mailLink: null });
    expect(() => check({})).not.toThrow();
  });

  test.each([
    ["SMTP_URL", "mail.example.org"],
    ["SMTP_URL", "http://mail.example.org"],
    ["SMTP_URL", "smtp://"],
    ["MAIL_FROM", "Harbour"],
    ["MAIL_FROM", "a@example.org\nBcc: b@example.org"],
    ["MAIL_LINK", "https://play.example.org/"],
    ["MAIL_LINK", "javascript:{code}"],
  ])("%s cannot be %s", (variable, text) => {
    expect(() => read({ [variable]: text })).toThrow(variable);
  });

  test("never show the password of the mail server", () => {
    expect(() => read({ SMTP_URL: "smtp//user:secret@host" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret") }),
    );
  });

  test("need each other", () => {
    expect(() => check({ SMTP_URL: smtpUrl })).toThrow("MAIL_FROM");
    expect(() => check({}, true)).toThrow("SMTP_URL");
    expect(() => check({ SMTP_URL: smtpUrl, MAIL_FROM: "no-reply@example.org" }, true)).not.toThrow();
  });
});
