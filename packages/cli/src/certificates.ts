import {
  type Environment,
  type LinkTls,
  readDoorTls,
  readLinkTls,
  type TlsFiles,
} from "@sallyport/server-kit";
import type { Shell } from "./shell.ts";

/** To be read together with a server's own settings. */
export const certificateReaders = (environment: Environment) => ({
  doorTls: () => readDoorTls(environment),
  linkTls: () => readLinkTls(environment),
});

/** Follows the files from now on. Returns what stops it. */
export function watchCertificates(
  shell: Shell,
  { doorTls, linkTls }: { readonly doorTls: TlsFiles | null; readonly linkTls?: LinkTls | null },
): () => void {
  const stops = [doorTls, linkTls?.files ?? null].map((files) => files?.watch(shell));
  return () => {
    for (const stop of stops) stop?.();
  };
}
