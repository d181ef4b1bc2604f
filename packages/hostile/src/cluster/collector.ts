/*
 * Loaded into a server before its own code, with Node's --expose-gc: collects its garbage when the parent asks. V8
 * gives memory back when it needs to, not when it could, and a server that nobody talks to does not need to.
 */

const collect = (globalThis as { readonly gc?: () => void }).gc;

process.on("message", () => {
  collect?.();
  process.send?.("collected");
});
// Being asked is no reason to stay alive, and nobody left to ask is one to end.
process.channel?.unref();
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
