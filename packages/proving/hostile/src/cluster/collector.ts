/*
 * A server loads this module before its own code, with Node's --expose-gc. The module collects garbage when
 * the parent process asks. Otherwise V8 returns memory only if memory becomes scarce, which does not happen
 * in an idle server.
 */

const collect = (globalThis as { readonly gc?: () => void }).gc;

process.on("message", () => {
  collect?.();
  process.send?.("collected");
});
// The channel must not keep the process alive. If the parent is gone, the server has to end.
process.channel?.unref();
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
