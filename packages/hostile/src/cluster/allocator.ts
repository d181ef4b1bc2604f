import { findOrInstall } from "@sallyport/testkit";

/** Which `malloc` the servers run on. `jemalloc`: as in the image. `libc`: as wherever nothing was done about it. */
export type Allocator = "jemalloc" | "libc";

/** That of the image. */
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
