import { about, optionalTextSetting, SettingsInvalid, type SettingValues } from "@sallyport/server-kit";

export const mailSettings = about("accounts", {
  smtpUrl: optionalTextSetting(
    "SMTP_URL",
    "SMTP server that takes letters with codes for confirmations and new passwords, like smtp://user:password@host:587, or smtps:// for TLS from the start. Without it no mail is sent.",
    {
      isSecret: true,
      problemOf: (text) => {
        const isSmtp = /^smtps?:\/\//.test(text) && URL.canParse(text) && new URL(text).hostname !== "";
        return isSmtp ? null : "it is not like smtp://user:password@host:587";
      },
    },
  ),
  mailFrom: optionalTextSetting(
    "MAIL_FROM",
    "Sender of letters, like Harbour <no-reply@example.org>. SMTP_URL needs it.",
    {
      problemOf: (text) =>
        /^[^\r\n]*[^\s<>@]+@[^\s<>@]+>?$/.test(text) ? null : "it is not like Harbour <no-reply@example.org>",
    },
  ),
  mailLink: optionalTextSetting(
    "MAIL_LINK",
    "Page whose address is in letters, like https://play.example.org/#{purpose}={code}. {code} becomes the code, and {purpose} becomes confirm or reset. Without it letters have only the code.",
    {
      problemOf: (text) =>
        text.includes("{code}") && /^https?:\/\/\S+$/.test(text)
          ? null
          : "it is not like https://play.example.org/#{purpose}={code}",
    },
  ),
});

/** Throws `SettingsInvalid` if settings need each other. */
export function checkMail({
  smtpUrl,
  mailFrom,
  isConfirmationRequired,
}: SettingValues<typeof mailSettings> & { readonly isConfirmationRequired: boolean }): void {
  if (smtpUrl !== null && mailFrom === null)
    throw new SettingsInvalid(["SMTP_URL is set; MAIL_FROM must be set too"]);
  if (smtpUrl === null && isConfirmationRequired)
    throw new SettingsInvalid(["EMAIL_CONFIRMATION=required needs SMTP_URL and MAIL_FROM"]);
}
