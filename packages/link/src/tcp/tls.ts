import net from "node:net";
import tls from "node:tls";
import type { ByteChannel } from "../channel.ts";
import { type Address, ConnectFailed, tcpChannel } from "./tcp-channel.ts";

/** A certificate with its key, as PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificate of this side, and the authority that must have signed the other side's certificate.
 * `current` may change while connections are open.
 */
export interface TlsSource {
  readonly current: TlsIdentity & { readonly ca?: string };
  /** Calls `listener` after each change, until the returned function is called. */
  changed(listener: () => void): () => void;
}

export interface ListenTls {
  readonly source: TlsSource;
  /** Accepts only clients with a certificate that the `ca` of the source signed. */
  readonly clientsMustShow?: boolean;
}

const minVersion = "TLSv1.2";

export const serverTlsOptions = ({ source, clientsMustShow = false }: ListenTls): tls.TlsOptions => ({
  ...source.current,
  minVersion,
  requestCert: clientsMustShow,
  // `onSecured` checks the certificate instead, so that it can say why a client was refused.
  rejectUnauthorized: false,
});

/** New connections use the current contents of the source; open connections do not change. */
export function followSource(server: tls.Server, source: TlsSource): () => void {
  return source.changed(() => server.setSecureContext({ ...source.current, minVersion }));
}

/** Says in a few words why a handshake failed, without anything that the other end sent. */
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
      return `the certificate is not signed by a trusted authority (${error.code})`;
    case undefined:
      return error.message;
    default:
      return error.code;
  }
}

export interface ConnectTls {
  /** Replaces the authorities that the system trusts. */
  readonly ca?: string;
  /** The certificate to show if the other end asks for one. */
  readonly identity?: TlsIdentity;
  /** The name expected in the other end's certificate, if it is not the host of the address. */
  readonly name?: string;
  /** Bytes to send unencrypted before the TLS handshake. */
  readonly preface?: Uint8Array;
}

/** Rejects with `ConnectFailed`, also if the other end's certificate cannot be trusted. */
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
