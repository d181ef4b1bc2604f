import { areSameParameters, type Credential, type HashParameters, hmac, saltBytes } from "./credential.ts";
import { canonicalName } from "./name-rules.ts";

/*
 * A decoy is the credential for an unknown name. Checking it costs the same work as checking a real
 * credential, and always fails. Its salt and parameters look real. A name gets the same decoy for every
 * request and on every login-server.
 */

/** This many of the sampled credentials have these parameters. */
export interface ParametersInUse {
  readonly parameters: HashParameters;
  readonly count: number;
}

/**
 * Chooses the parameters of a decoy. Each set of parameters is as frequent among decoys as among real
 * credentials. So the parameters of decoys change when logins renew real credentials. `wanted` has the
 * parameters of new credentials.
 */
export function decoyParameters(
  clusterSecret: Uint8Array,
  name: string,
  wanted: HashParameters,
  inUse: readonly ParametersInUse[],
): HashParameters {
  const total = inUse.reduce((sum, { count }) => sum + count, 0);
  const place = (derive(clusterSecret, "decoy-parameters", name).readUInt32BE(0) / 2 ** 32) * total;
  let passed = 0;
  for (const { parameters, count } of newestFirst(inUse, wanted)) {
    passed += count;
    if (place < passed) return parameters;
  }
  return wanted;
}

export function decoyCredential(
  clusterSecret: Uint8Array,
  name: string,
  { memoryKib, iterations, parallelism }: HashParameters,
): Credential {
  // New parameters come with a new salt, as for a real credential.
  const of = `${memoryKib} ${iterations} ${parallelism}\0${canonicalName(name)}`;
  return {
    memoryKib,
    iterations,
    parallelism,
    salt: derive(clusterSecret, "decoy-salt", of).subarray(0, saltBytes),
    storedKey: derive(clusterSecret, "decoy-stored-key", of),
    serverKey: derive(clusterSecret, "decoy-server-key", of),
  };
}

/** Puts the wanted parameters first, and the rest in an order that is the same on all login-servers. */
function newestFirst(inUse: readonly ParametersInUse[], wanted: HashParameters): readonly ParametersInUse[] {
  const age = ({ parameters }: ParametersInUse): number => (areSameParameters(parameters, wanted) ? 0 : 1);
  return [...inUse].sort(
    (a, b) =>
      age(a) - age(b) ||
      b.parameters.memoryKib - a.parameters.memoryKib ||
      b.parameters.iterations - a.parameters.iterations ||
      b.parameters.parallelism - a.parameters.parallelism,
  );
}

const derive = (secret: Uint8Array, purpose: string, of: string): Buffer =>
  hmac(secret, `${purpose}\0${canonicalName(of)}`);
