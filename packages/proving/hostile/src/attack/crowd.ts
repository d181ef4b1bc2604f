import { type Attack, countAnswer, type Field, type Target, type Toll } from "./attack.ts";
import { eachConnection } from "./each-connection.ts";
import { publicPages } from "./http-framings.ts";
import { RawConnection } from "./raw-connection.ts";
import { framings } from "./requests.ts";

/*
 * An HTTP port has a bound on its connections. An address that opens more must not take the place of others, so
 * somebody at another address asks for a page all the time, and gets it each time.
 */

const atOnce = 100;
const askEvery = 20;
const keptOut = "kept out";

export const crowd: Attack = {
  name: "crowd",
  what: "open more connections to the HTTP ports than these keep, all from one address",
  unit: "connections",
  count: 2_000,
  forbidden: [keptOut],
  async run(count, field, toll) {
    const targets = field.targets.filter(({ kind }) => kind in publicPages);
    const [polite, rude] = [field.sources.next(), field.sources.next()].map(
      (own): Field => ({ ...field, targets, sources: { next: () => own } }),
    ) as [Field, Field];
    const held: Promise<void>[] = [];
    await eachConnection(
      { count, atOnce, field: rude, toll },
      async (connection, { target, index, round }) => {
        connection.onBytes(() => {});
        // Half of them have begun a request.
        if (round % 2 === 0) connection.write(framings[target.kind].slow(target, rude));
        held.push(connection.holdFor(field.patienceMs));
        if (index % askEvery === 0) await askPolitely(target, polite, toll);
      },
    );
    await Promise.all(held);
  },
};

async function askPolitely(target: Target, field: Field, toll: Toll): Promise<void> {
  const connection = await RawConnection.open(target, field, toll);
  if (connection === null) return countAnswer(toll, keptOut);
  let answer = "";
  connection.onBytes((chunk) => {
    answer += Buffer.from(chunk).toString("latin1");
    if (answer.includes("\r\n\r\n")) connection.hangUp();
  });
  connection.write(`GET ${publicPages[target.kind]} HTTP/1.1\r\nHost: ${target.host}:${target.port}\r\n\r\n`);
  await connection.holdFor(field.patienceMs);
  const [, status = null] = /^HTTP\/1\.1 (\d+) /.exec(answer) ?? [];
  countAnswer(toll, status === "200" ? "answered" : status === null ? keptOut : `status ${status}`);
}
