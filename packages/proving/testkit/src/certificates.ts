import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findOrInstall } from "./binaries.ts";
import { temporaryFolder } from "./store-process.ts";

/** A certificate and its key as PEM, and the files with them. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export class TestAuthority {
  readonly folder: string;
  readonly certificate: TestCertificate;
  readonly #openssl: string;
  #count = 0;

  constructor(name = "test authority") {
    this.#openssl = findOrInstall({ program: "openssl", debianPackage: "openssl", variable: "PATH" });
    this.folder = temporaryFolder("certificates");
    this.certificate = this.#make(name, ["-x509", "-addext", "basicConstraints=critical,CA:TRUE"]);
  }

  /** Issues a certificate for these host names or addresses. Both ends of a connection may use it. */
  issue(...hosts: readonly string[]): TestCertificate {
    const alternatives = hosts.map((host) => (/^[\d.]+$|:/.test(host) ? `IP:${host}` : `DNS:${host}`));
    const { certFile, keyFile } = this.certificate;
    return this.#make(hosts[0] ?? "nobody", [
      "-x509",
      ...["-CA", certFile, "-CAkey", keyFile],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-addext", `subjectAltName=${alternatives.join(",")}`],
    ]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #make(name: string, how: readonly string[]): TestCertificate {
    this.#count += 1;
    const certFile = join(this.folder, `${this.#count}.cert.pem`);
    const keyFile = join(this.folder, `${this.#count}.key.pem`);
    const config = join(this.folder, "openssl.cnf");
    writeFileSync(config, "[req]\ndistinguished_name = name\n[name]\n");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
    execFileSync(
      this.#openssl,
      ["req", "-config", config, ...key, ...how, "-subj", `/CN=${name}`, "-days", "2", "-out", certFile],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    return {
      cert: readFileSync(certFile, "utf8"),
      key: readFileSync(keyFile, "utf8"),
      certFile,
      keyFile,
    };
  }
}
