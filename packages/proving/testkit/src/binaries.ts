import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface Wanted {
  /** Name of the program, or file name of a library. */
  readonly program: string;
  readonly debianPackage: string;
  /**
   * Folders to search after PATH. A `*` stands for one folder name that is a number. The highest number comes
   * first.
   */
  readonly folders?: readonly string[];
  /** A library has to be readable only, not executable. */
  readonly isLibrary?: boolean;
  /**
   * With this environment variable, a user names a server that already runs. Then the program is not needed.
   */
  readonly variable: string;
}

/**
 * Finds a program. If it is missing, installs its package, which works only as root on Debian. Throws if the
 * program cannot be installed.
 */
export function findOrInstall(wanted: Wanted): string {
  const found = find(wanted);
  if (found !== undefined) return found;
  const advice = `install it (Debian: apt-get install ${wanted.debianPackage}) or set ${wanted.variable}`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`tests need ${wanted.program}, which is not here: ${advice}`);
  }
  install(wanted.debianPackage);
  const installed = find(wanted);
  if (installed === undefined) {
    throw new Error(`apt-get install ${wanted.debianPackage} brought no ${wanted.program}: ${advice}`);
  }
  return installed;
}

function find({ program, folders = [], isLibrary = false }: Wanted): string | undefined {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...onPath, ...folders.flatMap(expand)]
    .map((folder) => join(folder, program))
    .find((path) => isUsable(path, isLibrary ? constants.R_OK : constants.X_OK));
}

function expand(folder: string): string[] {
  const star = folder.indexOf("*");
  if (star < 0) return [folder];
  const parent = folder.slice(0, star);
  if (!existsSync(parent)) return [];
  const names = readdirSync(parent).sort((a, b) => Number(b) - Number(a));
  return names.map((name) => join(parent, name, folder.slice(star + 1)));
}

function isUsable(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Debian starts a service when it is installed, unless this file forbids it. */
const servicePolicy = "/usr/sbin/policy-rc.d";

function install(debianPackage: string): void {
  const ownPolicy = !existsSync(servicePolicy);
  if (ownPolicy) writeFileSync(servicePolicy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    process.stderr.write(`tests need ${debianPackage}: installing it, takes about a minute\n`);
    aptGet("update");
    aptGet("install", "-y", "--no-install-recommends", debianPackage);
  } finally {
    if (ownPolicy) rmSync(servicePolicy, { force: true });
  }
}

function aptGet(...args: string[]): void {
  const { status } = spawnSync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=300", ...args], {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0) throw new Error(`apt-get ${args.join(" ")} failed with status ${status}`);
}
