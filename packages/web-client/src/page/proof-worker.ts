import type { SaltOffer } from "@sallyport/domain";
import { deriveLoginKeys, type LoginKeys } from "@sallyport/sdk/browser";

/*
 * Runs the slow argon2id, so that the page stays responsive. The password stays inside the browser.
 */

export interface KeysWanted {
  readonly id: number;
  readonly password: string;
  readonly offer: SaltOffer;
}
export type KeysDerived = { readonly id: number } & (
  | { readonly keys: LoginKeys }
  | { readonly problem: string }
);

self.addEventListener("message", ({ data }: MessageEvent<KeysWanted>) => {
  const { id, password, offer } = data;
  deriveLoginKeys(password, offer).then(
    (keys) => self.postMessage({ id, keys } satisfies KeysDerived),
    (error: unknown) => self.postMessage({ id, problem: String(error) } satisfies KeysDerived),
  );
});
