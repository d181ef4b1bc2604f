/*
 * A server loads this module before its own code, with Node's --expose-gc. The module collects garbage when
 * the parent process asks. Otherwise V8 returns memory only if memory becomes scarce, which does not happen
 * in an idle server.
 */

const collect = (globalThis as { readonly gc?: () => void }).gc;

/**
 * V8 takes the memory of its young generation page by page, when much is going on, and keeps it. That is no leak. So
 * all of it is touched before each look at the memory: two halves, of the size that `startCluster` sets.
 */
function touchYoungGeneration(): void {
  for (let bytes = 0; bytes < 64 << 20; bytes += 1 << 10) new Array<number>(128).fill(bytes);
}

process.on("message", () => {
  touchYoungGeneration();
  collect?.();
  process.send?.("collected");
});
// The channel must not keep the process alive. If the parent is gone, the server has to end.
process.channel?.unref();
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
