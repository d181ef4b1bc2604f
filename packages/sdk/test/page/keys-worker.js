import { deriveLoginKeys } from "@sallyport/sdk/browser";

self.onmessage = async ({ data: { password, offer }, ports: [caller] }) => {
  const derived = deriveLoginKeys(password, offer);
  caller.postMessage(
    await derived.then(
      (keys) => ({ keys }),
      (error) => ({ problem: String(error) }),
    ),
  );
};
