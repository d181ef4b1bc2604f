import { findOrInstall } from "@sallyport/testkit";

/**
 * Servers use the `malloc` of `jemalloc`, as in the image, or that of `libc`, which is the default of the
 * system.
 */
export type Allocator = "jemalloc" | "libc";

/** The image has the same settings for jemalloc. */
const jemallocSettings = "background_thread:true,dirty_decay_ms:2000,muzzy_decay_ms:0";

export function allocatorEnvironment(allocator: Allocator): Readonly<Record<string, string>> {
  if (allocator === "libc") return {};
  const library = findOrInstall({
    program: "libjemalloc.so.2",
    debianPackage: "libjemalloc2",
    folders: ["/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"],
    isLibrary: true,
    variable: "--allocator libc",
  });
  return { LD_PRELOAD: library, MALLOC_CONF: jemallocSettings };
}
