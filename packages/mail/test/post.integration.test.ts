import type { Letter } from "@sallyport/authentication";
import { type RunningSmtp, startSmtp } from "@sallyport/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPost } from "../src/index.ts";

const from = "Harbour <no-reply@example.org>";
const letter: Letter = { to: "ann@example.org", purpose: "reset", code: "c0de-_", minutes: 60 };

let smtp: RunningSmtp;
beforeAll(async () => {
  smtp = await startSmtp({ user: "post", password: "secret/word" });
});
afterAll(() => smtp.stop());
beforeEach(() => smtp.letters.splice(0));

const at = (userinfo: string) => smtp.url.replace("//", `//${userinfo}`);
const right = "post:secret%2Fword@";

describe("a letter", () => {
  test("reaches the mail server with its code and a link, and says how long the code is valid", async () => {
    const link = "https://play.example.org/#{purpose}={code}";
    await createPost({ smtpUrl: at(right), from, link })(letter);
    expect(smtp.letters).toHaveLength(1);
    const [sent] = smtp.letters;
    expect(sent).toMatchObject({ from: "no-reply@example.org", to: ["ann@example.org"] });
    expect(sent?.text).toContain("Subject: Set a new password");
    expect(sent?.text).toContain("Auto-Submitted: auto-generated");
    expect(sent?.text).toContain("https://play.example.org/#reset=c0de-_");
    expect(sent?.text).toContain("for 1 hour.");
  });

  test("goes to the one address that it is for, whatever that looks like", async () => {
    const send = createPost({ smtpUrl: at(right), from, link: null });
    await send({ ...letter, purpose: "confirm", to: "zo\u00eb@xn--mller-kva.example" });
    await send({ ...letter, to: "ann,bob@example.org" });
    expect(smtp.letters.map(({ to }) => to)).toEqual([
      ["zo\u00eb@m\u00fcller.example"],
      ['"ann,bob"@example.org'],
    ]);
    expect(smtp.letters[0]?.text).toContain("for 1 hour.");
    expect(smtp.letters[0]?.text).not.toContain("http");
  });

  test("is not sent if the mail server refuses the password, or does not run", async () => {
    const wrong = createPost({ smtpUrl: at("post:wrong@"), from, link: null });
    await expect(wrong(letter)).rejects.toThrow("Invalid login");
    const nowhere = createPost({ smtpUrl: "smtp://127.0.0.1:1", from, link: null });
    await expect(nowhere(letter)).rejects.toThrow("ECONNREFUSED");
    expect(smtp.letters).toEqual([]);
  });
});
