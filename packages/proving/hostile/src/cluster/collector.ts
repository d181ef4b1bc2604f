/*
 * Loaded into a server before its own code, with Node's --expose-gc: collects garbage when the parent asks.
 * V8 gives memory back only when it needs to, and an idle server does not need to.
 */

const collect = (globalThis as { readonly gc?: () => void }).gc;

process.on("message", () => {
  collect?.();
  process.send?.("collected");
});
// The channel must not keep the process alive. If the parent is gone, the server has to end.
process.channel?.unref();
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
