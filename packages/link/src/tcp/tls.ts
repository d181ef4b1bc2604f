import net from "node:net";
import tls from "node:tls";
import type { ByteChannel } from "../channel.ts";
import { type Address, ConnectFailed, tcpChannel } from "./tcp-channel.ts";

/** As PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** What this side shows, and whose signature it takes of the other; `current` may change while connections are open. */
export interface TlsSource {
  readonly current: TlsIdentity & { readonly ca?: string };
  /** Told of each change. Returns what stops it. */
  changed(listener: () => void): () => void;
}

export interface ListenTls {
  readonly source: TlsSource;
  /** Lets in only who shows a certificate signed by the source's `ca`. */
  readonly clientsMustShow?: boolean;
}

const minVersion = "TLSv1.2";

export const serverTlsOptions = ({ source, clientsMustShow = false }: ListenTls): tls.TlsOptions => ({
  ...source.current,
  minVersion,
  requestCert: clientsMustShow,
  // Judged where the connection is taken, so that it can be said why it was not.
  rejectUnauthorized: false,
});

/** Connections made from now on see what the source holds by then; those that are open stay as they are. */
export function followSource(server: tls.Server, source: TlsSource): () => void {
  return source.changed(() => server.setSecureContext({ ...source.current, minVersion }));
}

/** In a few words, why a handshake failed; never what the other end sent. */
export function describeTlsError(error: { readonly code?: string; readonly message: string }): string {
  switch (error.code) {
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_HTTP_REQUEST":
      return "the other end does not speak TLS";
    case "ERR_SSL_UNSUPPORTED_PROTOCOL":
    case "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION":
      return "the other end speaks only a version of TLS that is too old";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "the certificate is for another name";
    case "CERT_HAS_EXPIRED":
      return "the certificate has expired";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return `the certificate is not signed by anybody trusted here (${error.code})`;
    case undefined:
      return error.message;
    default:
      return error.code;
  }
}

export interface ConnectTls {
  /** Instead of the authorities that the system trusts. */
  readonly ca?: string;
  /** Shown when the other end asks for it. */
  readonly identity?: TlsIdentity;
  /** In the other end's certificate, where that is not the host that is connected to. */
  readonly name?: string;
  /** Sent before the handshake, in the clear. */
  readonly preface?: Uint8Array;
}

/** Rejects with `ConnectFailed`, which names the address; also where the other end's certificate is not to be trusted. */
export function connectTls(
  address: Address,
  timeoutMs: number,
  { ca, identity, name, preface }: ConnectTls = {},
): Promise<ByteChannel> {
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ConnectFailed(`${host}:${port}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const refused = (error: Error): void => fail(describeTlsError(error));
    socket.on("error", refused);
    socket.once("connect", () => {
      if (preface !== undefined) socket.write(preface);
      const secured = tls.connect({
        socket,
        host,
        minVersion,
        ...(ca === undefined ? {} : { ca }),
        ...(identity === undefined ? {} : { cert: identity.cert, key: identity.key }),
        ...(name === undefined ? {} : { servername: name }),
      });
      secured.once("error", refused);
      secured.once("secureConnect", () => {
        clearTimeout(timer);
        secured.off("error", refused);
        resolve(tcpChannel(secured));
      });
    });
  });
}
