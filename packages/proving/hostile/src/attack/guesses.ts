import { each } from "@sallyport/bots";
import { loginDoorMessages } from "@sallyport/dialects/native";
import { encodeProxyHeader } from "@sallyport/link/addresses";
import { MessageCodec } from "@sallyport/wire";
import { type Attack, countAnswer, type Field, type Target, type Toll } from "./attack.ts";
import { RawConnection } from "./raw-connection.ts";
import { Asker, onAnswers } from "./requests.ts";

/*
 * Guesses and registrations from many addresses, spread over all login-servers. Half of the addresses are on
 * loopback. The others are IPv6 addresses, each in a /64 of its own, which a PROXY header names: the gateway's
 * address is that of a proxy. The limits must hold for each address as if there were one server.
 */

const codec = new MessageCodec(loginDoorMessages);
const atOnce = 16;
/** An address does all this within one window of the limits. */
const attemptsEach = 12;
const [wrongMax, accountsMax] = [5, 3];
const proxy = { localAddress: "127.0.0.1" };

type Request = { readonly type: "login.password" | "login.register" } & Record<string, unknown>;

interface Place {
  readonly index: number;
  /** The header of its connections. Null: the connections come from the address itself. */
  readonly header: Uint8Array | null;
  readonly sources: Field["sources"];
}

/** An IPv6 network for benchmarks (RFC 5180), so no log line names it by accident. */
const ipv6Of = (run: number, index: number): string => `2001:2:${run.toString(16)}:${index.toString(16)}::1`;

function placeOf({ sources, random }: Field, run: number, index: number, ownAddresses: boolean): Place {
  if (!ownAddresses || index % 2 === 0) {
    const own = sources.next();
    return { index, header: null, sources: { next: () => own } };
  }
  const source = { host: ipv6Of(run, index), port: random.whole(1_024, 65_535) };
  const header = encodeProxyHeader({ source, destination: { host: "127.0.0.1", port: 7_100 } });
  return { index, header, sources: { next: () => proxy } };
}

/** Sends the requests of one address, one after another, each at another login-server. */
async function ask(
  place: Place,
  logins: readonly Target[],
  requests: readonly Request[],
  { field, toll }: { readonly field: Field; readonly toll: Toll },
): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const [nth, request] of requests.entries()) {
    const login = logins[(place.index + nth) % logins.length] as Target;
    const connection = await RawConnection.open(login, { ...field, sources: place.sources }, toll);
    if (connection === null) continue;
    if (place.header !== null) connection.write(place.header);
    onAnswers(connection, ({ kind, body }) => {
      answers.push(kind === "refusal" ? codec.decodeRefusal(request.type, body).refusal : "accepted");
      connection.hangUp();
    });
    new Asker(connection, login).ask(request);
    await connection.holdFor(field.patienceMs);
  }
  return answers;
}

function attackOf(
  of: Pick<Attack, "name" | "what" | "count"> & {
    readonly requestsOf: (field: Field, index: number) => readonly Request[];
    /** This answer may come this many times for each address. */
    readonly limited: string;
    readonly most: number;
    readonly beyond: string;
  },
): Attack {
  const { name, what, count, requestsOf, limited, most, beyond } = of;
  return {
    ...{ name, what, count, unit: "addresses", forbidden: [beyond] },
    async run(addresses, field, toll) {
      const logins = field.targets.filter(
        ({ at, tier, kind }) => at === "server" && tier === "login" && kind === "tcp",
      );
      const run = field.random.whole(0, 0xffff);
      await each(Array(addresses).keys(), atOnce, async (index) => {
        const place = placeOf(field, run, index, field.hasAddresses);
        const answers = await ask(place, logins, requestsOf(field, index), { field, toll });
        for (const answer of answers) countAnswer(toll, answer);
        if (answers.filter((answer) => answer === limited).length > most) countAnswer(toll, beyond);
      });
    },
  };
}

export const guesses: Attack = attackOf({
  name: "guesses",
  what: "guess passwords at all login-servers in turn, from many addresses and fresh IPv6 networks",
  count: 100,
  requestsOf: ({ marker, victim }, index) =>
    Array.from({ length: attemptsEach }, (_, nth) => ({
      type: "login.password",
      // Every fourth address guesses at a bot, whose login must not wait.
      name: index % 4 === 0 ? victim : `${marker.slice(0, 8)}_${index}_${nth}`,
      password: `${marker} ${nth}`,
    })),
  ...{ limited: "wrong-name-or-password", most: wrongMax, beyond: `more than ${wrongMax} guesses` },
});

export const registrations: Attack = attackOf({
  name: "registrations",
  what: "register accounts at all login-servers in turn, from many addresses and fresh IPv6 networks",
  count: 40,
  requestsOf: ({ marker, random }, index) =>
    Array.from({ length: attemptsEach }, (_, nth) => ({
      type: "login.register",
      name: `${marker.slice(0, 6)}${random.whole(0, 0xffffff).toString(36)}_${index}_${nth}`.slice(0, 20),
      ...{ password: `${marker} ${nth}`, sex: "female", email: null, invitation: null },
    })),
  ...{ limited: "accepted", most: accountsMax, beyond: `more than ${accountsMax} accounts` },
});
