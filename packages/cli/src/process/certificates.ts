import { type Environment, readDoorTls, readLinkTls, type TlsWatch } from "@sallyport/server-kit";

export const certificateReaders = (environment: Environment) => ({
  doorTls: () => readDoorTls(environment),
  linkTls: () => readLinkTls(environment),
});

interface Watchable {
  watch(by: TlsWatch): () => void;
}

/** Reads the certificate files again when they change, until the returned function is called. */
export function watchCertificates(
  by: TlsWatch,
  ...files: readonly (Watchable | null | undefined)[]
): () => void {
  const stops = files.map((each) => each?.watch(by));
  return () => {
    for (const stop of stops) stop?.();
  };
}
