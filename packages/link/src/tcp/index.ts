export type { HandshakeBounds, Refusal } from "./handshakes.ts";
export * from "./tcp-channel.ts";
export { ListenFailed, type ListenOptions, listenTcp, type TcpListener } from "./tcp-listener.ts";
export {
  type ConnectTls,
  connectTls,
  followSource,
  type ListenTls,
  serverTlsOptions,
  type TlsIdentity,
  type TlsSource,
} from "./tls.ts";
