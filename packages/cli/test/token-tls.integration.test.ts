import { get } from "node:https";
import { text } from "node:stream/consumers";
import { openSigned, TokenClient } from "@sallyport/foreign-clients";
import { createClient, transportTo } from "@sallyport/sdk/node";
import { must, TestAuthority } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { portAfter, SmallCluster } from "./small-cluster.ts";

/* TLS on the ports for identity tokens. */

const host = "127.0.0.1";
const account = { name: "alice", password: "correct horse" };
let authority: TestAuthority;
let cluster: SmallCluster;
beforeAll(async () => {
  authority = new TestAuthority();
  const { certFile, keyFile } = authority.issue(host);
  cluster = await SmallCluster.open({
    ...{ TLS_CERT: certFile, TLS_KEY: keyFile, TOKEN_PORT: "0", TOKEN_HTTP_PORT: "0" },
  });
});
afterAll(async () => {
  await cluster.close();
  authority.remove();
});

const ca = () => authority.certificate.cert;
const page = (port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host, port, path, ca: ca() }, (answer) => void text(answer).then(resolve, reject)).on(
      "error",
      reject,
    );
  });

test("passwords and keys go over TLS with the certificate of the doors, and over plain TCP only where it is off", async () => {
  const login = cluster.run("login");
  const [clients, token, keys] = await Promise.all(
    ["clients", "token", "tokenHttp"].map((name) => portAfter(login, name)),
  );
  const native = createClient(transportTo(`tls://${host}:${clients}`, { ca: ca() }));
  must(await native.register({ ...account, sex: "female" }));
  const request = { type: "token", identity: account.name, password: account.password };

  const secured = await TokenClient.connect({ host, port: token ?? 0, tls: { ca: ca() } });
  const answer = await secured.asks(request);
  expect(answer).toMatchObject({ type: "token" });
  const jwks = JSON.parse(await page(keys ?? 0, "/.well-known/jwks.json")) as never;
  expect(openSigned(String(answer?.["token"]), jwks)?.payload).toMatchObject({ name: account.name });
  expect(openSigned(await page(keys ?? 0, "/revocations"), jwks)?.payload).toMatchObject({ revoked: [] });

  // A client without TLS is closed, and the password in it is not looked at.
  const plain = await TokenClient.connect({ host, port: token ?? 0 });
  expect(await plain.asks(request)).toBe(null);

  const second = cluster.run("login", { LOGIN_SERVER_NAME: "login-2", TOKEN_TLS: "no" });
  const open = await TokenClient.connect({ host, port: await portAfter(second, "token") });
  expect(await open.asks(request)).toMatchObject({ type: "token" });
});
