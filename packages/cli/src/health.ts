/**
 * The HEALTHCHECK of a container runs this program. It exits with 0 if the server answers at its admin port,
 * and otherwise with 1.
 */

const { ADMIN_HOST: host = "", ADMIN_PORT: port = "" } = process.env;
const near = host === "" || host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host;
try {
  const { ok } = await fetch(`http://${near}:${port}/healthz`, { signal: AbortSignal.timeout(2_000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
