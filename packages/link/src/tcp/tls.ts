import net from "node:net";
import tls from "node:tls";
import { hostAndPort } from "../addresses/ip-address.ts";
import type { ByteChannel } from "../channel.ts";
import { type Address, ConnectFailed, type ConnectFrom, tcpChannel } from "./tcp-channel.ts";

/** A certificate with its key, as PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificate of this end, and the authority that must have signed the certificate of the far end.
 * `current` can change while connections are open.
 */
export interface TlsSource {
  readonly current: TlsIdentity & { readonly ca?: string };
  /** Calls `listener` after each change, until the returned function is called. */
  changed(listener: () => void): () => void;
}

export interface ListenTls {
  readonly source: TlsSource;
  /** If true, clients must show a certificate that the `ca` of the source has signed. */
  readonly clientsMustShow?: boolean;
}

const minVersion = "TLSv1.2";

export const serverTlsOptions = ({ source, clientsMustShow = false }: ListenTls): tls.TlsOptions => ({
  ...source.current,
  minVersion,
  requestCert: clientsMustShow,
  // `onSecured` checks the certificate, because it can report why a client was refused.
  rejectUnauthorized: false,
});

/** New connections use the current contents of the source. Open connections do not change. */
export function followSource(server: tls.Server, source: TlsSource): () => void {
  return source.changed(() => server.setSecureContext({ ...source.current, minVersion }));
}

/** Describes in a few words why a handshake failed. The text contains nothing that the far end sent. */
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

export interface ConnectTls extends ConnectFrom {
  /** The authorities to trust. They replace the authorities of the system. */
  readonly ca?: string;
  /** The certificate to show if the far end requests one. */
  readonly identity?: TlsIdentity;
  /** The certificate of the far end must have this name. If absent, it must have the host of the address. */
  readonly name?: string;
}

/**
 * Connects over TLS. Rejects with `ConnectFailed`, also if the certificate of the far end cannot be trusted.
 */
export function connectTls(
  address: Address,
  timeoutMs: number,
  { ca, identity, name, preface, localAddress }: ConnectTls = {},
): Promise<ByteChannel> {
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ConnectFailed(`${hostAndPort(address)}: ${why}`));
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
