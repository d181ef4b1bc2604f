import { type Environment, readDoorTls, readLinkTls, type TlsWatch } from "@sallyport/server-kit";

/** To be read together with a server's own settings. */
export const certificateReaders = (environment: Environment) => ({
  doorTls: () => readDoorTls(environment),
  linkTls: () => readLinkTls(environment),
});

interface Watchable {
  watch(by: TlsWatch): () => void;
}

/** Follows the files from now on. Returns what stops it. */
export function watchCertificates(
  by: TlsWatch,
  ...files: readonly (Watchable | null | undefined)[]
): () => void {
  const stops = files.map((each) => each?.watch(by));
  return () => {
    for (const stop of stops) stop?.();
  };
}
