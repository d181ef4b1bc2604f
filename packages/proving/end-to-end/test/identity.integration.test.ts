import { defaultAuthenticationSettings } from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import { MemoryDirectory } from "@sallyport/directory";
import { createPost } from "@sallyport/mail";
import type { Client } from "@sallyport/sdk";
import { must, type RunningSmtp, startSmtp, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { play, rowOf, ticketOf, untilEnded, walk } from "./cluster/player.ts";
import { publishChar, type SecondLogin, startSecondLogin } from "./cluster/second-login.ts";
import { TestCluster } from "./cluster/test-cluster.ts";

/*
 * Two login-servers share a database and a mail server. The world is linked to the first one. At the second
 * one, e-mail addresses must be confirmed.
 */

const password = "correct horse";
const newPassword = "battery staple";

let smtp: RunningSmtp;
let cluster: TestCluster;
let second: SecondLogin;
let stop: () => Promise<void>;
beforeAll(async () => {
  smtp = await startSmtp();
  const sendLetter = createPost({ smtpUrl: smtp.url, from: "Harbour <no-reply@example.org>", link: null });
  const directory = new MemoryDirectory({ nowMs: systemClock.nowMs });
  // With the default of the timers, a client that is put out would have left only after a minute.
  cluster = await TestCluster.start({ directory, login: { sendLetter }, timing: { evictMs: 600_000 } });
  const withdraw = publishChar(cluster, directory);
  const authentication = { ...defaultAuthenticationSettings, isConfirmationRequired: true };
  second = startSecondLogin(cluster, directory, { sendLetter, authentication });
  stop = async () => {
    await second.stop();
    await withdraw();
    await cluster.stop();
    await directory.close();
    await smtp.stop();
  };
  const bystander = { ...(await cluster.account()), way: "raw" } as const;
  await until(async () => (await second.client().logIn(bystander)).ok, { what: "it lists the world" });
});
afterAll(() => stop());

/** Returns the code in the newest letter to the address, once there are so many letters to it. */
async function codeFor(email: string, count = 1): Promise<string> {
  const lettersTo = () => smtp.letters.filter(({ to }) => to.includes(email));
  await until(() => lettersTo().length >= count, { what: `letter ${count} to ${email}` });
  const [, code] = /^ {4}(\S+)\r?$/m.exec(lettersTo().at(-1)?.text ?? "") ?? [];
  if (code === undefined) throw new Error("the letter has no code");
  return code;
}

const logsIn = async (client: Client, name: string, by: string): Promise<string> => {
  const answer = await client.logIn({ name, password: by, way: "raw" });
  return answer.ok ? "logged in" : answer.refusal;
};

test("an account with both logs in by its name and by its e-mail address, in any case, without a `way`", async () => {
  const account = { name: "both", email: "Both@Example.org", password, sex: "female" } as const;
  const { accountId } = must(await cluster.client().register(account));
  for (const name of ["both", "BOTH", "both@example.org", "BOTH@EXAMPLE.ORG"]) {
    for (const client of [cluster.client(), second.client()]) {
      // The second login-server wants a confirmation.
      const answer = await client.logIn({ name, password });
      if (answer.ok) expect(answer.value.accountId).toBe(accountId);
      else expect(answer.refusal).toBe("email-unconfirmed");
    }
  }
  expect(await cluster.client().register({ ...account, name: "both_2" })).toMatchObject({
    refusal: "email-taken",
  });
});

describe("an address that must be confirmed", () => {
  test("lets its owner log in once a code from a letter is shown, and each refused login sends one more", async () => {
    const email = "new@example.org";
    const client = second.client();
    expect(await client.register({ name: "no_email", password, sex: "male" })).toMatchObject({
      refusal: "email-invalid",
    });
    must(await client.register({ name: "newcomer", email, password, sex: "male" }));
    const first = await codeFor(email);
    expect(await logsIn(client, "newcomer", password)).toBe("email-unconfirmed");
    expect(await logsIn(client, "newcomer", "wrong horse")).toBe("wrong-name-or-password");
    expect(await logsIn(client, email, password)).toBe("wrong-name-or-password");
    const newest = await codeFor(email, 2);
    expect(newest).not.toBe(first);
    expect(await client.confirmEmail("nonsense")).toMatchObject({ refusal: "code-invalid" });
    must(await client.confirmEmail(` ${newest}\n`));
    expect(await logsIn(client, "newcomer", password)).toBe("logged in");
    expect(await logsIn(client, email, password)).toBe("logged in");
    expect(await client.confirmEmail(newest)).toMatchObject({ refusal: "code-invalid" });
  });

  test("belongs to the first account that confirms it, and registering tells nobody that it is taken", async () => {
    const email = "wanted@example.org";
    const client = second.client();
    for (const name of ["first", "second"])
      must(await client.register({ name, email, password, sex: "female" }));
    await codeFor(email, 2);
    const codes = smtp.letters.flatMap(({ to, text }) =>
      to.includes(email) ? (/^ {4}(\S+)\r?$/m.exec(text)?.[1] ?? []) : [],
    );
    must(await client.confirmEmail(codes[0] ?? ""));
    expect(await client.confirmEmail(codes[1] ?? "")).toMatchObject({ refusal: "email-taken" });
  });
});

describe("a password that was forgotten", () => {
  test("is replaced by a code from a letter, and remembered logins end on every login-server", async () => {
    const account = { name: "forgetful", email: "forgetful@example.org", password, sex: "male" } as const;
    const other = second.client();
    must(await other.register(account));
    must(await other.confirmEmail(await codeFor(account.email)));
    const clients = [cluster.client(), other];
    // Both login-servers remember the password now.
    for (const client of clients) expect(await logsIn(client, account.name, password)).toBe("logged in");
    must(await cluster.client().askPasswordReset("FORGETFUL@example.org"));
    const code = await codeFor(account.email, 2);
    const change = { code, newPassword };
    expect(await other.resetPassword({ ...change, newPassword: "short" })).toMatchObject({
      refusal: "password-invalid",
    });
    must(await other.resetPassword(change));
    for (const client of clients) {
      expect(await logsIn(client, account.name, password)).toBe("wrong-name-or-password");
      expect(await logsIn(client, account.email, newPassword)).toBe("logged in");
    }
    expect(await other.resetPassword(change)).toMatchObject({ refusal: "code-invalid" });
  });

  test("is asked for with the same answer and no letter, if nobody has the address", async () => {
    for (const email of ["nobody@example.org", "no address", ""])
      expect(await cluster.client().askPasswordReset(email)).toEqual({ ok: true, value: {} });
    must(await cluster.client().askPasswordReset("both@example.org"));
    await codeFor("Both@example.org");
    expect(smtp.letters.filter(({ to }) => to.includes("nobody@example.org"))).toEqual([]);
  });
});

describe("a player whose password is changed at another login-server", () => {
  test("plays on, and is saved and put out only if the change asks for that", async () => {
    const account = await cluster.account();
    const player = await play(cluster, account);
    await walk(player, { x: 2 });
    const change = { ...account, newPassword };
    must(await second.client().changePassword(change));
    await walk(player, { x: 1 });
    expect(player.ended()).toBe(null);
    const again = { ...account, password: newPassword, newPassword: password };
    must(await second.client().changePassword({ ...again, endOthers: true }));
    expect(await untilEnded(player)).toBe("credential-changed");
    await cluster.untilFree(ticketOf(player));
    const { position, charId } = player.game;
    expect(await rowOf(cluster, charId)).toMatchObject({ map: position.map, x: position.x, y: position.y });
    expect(await player.client.enterWorld(cluster.charAddress)).toMatchObject({ refusal: "not-logged-in" });
    expect(await logsIn(cluster.client(), account.name, newPassword)).toBe("wrong-name-or-password");
    expect(await logsIn(cluster.client(), account.name, password)).toBe("logged in");
  });
});
