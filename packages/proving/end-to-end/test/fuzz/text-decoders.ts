import { isDeepStrictEqual } from "node:util";
import { parseAttributes } from "@sallyport/cluster-protocol";
import { originCheck } from "@sallyport/link/websocket";
import {
  accountLockCore,
  accountLockKey,
  characterLockCore,
  type LockCore,
  serverLockCore,
} from "@sallyport/lock-core";
import { LockService, type LockStore } from "@sallyport/lock-store";
import {
  describeError,
  readSettings,
  type Setting,
  type Settings,
  SettingsInvalid,
} from "@sallyport/server-kit";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import { commandSettings } from "../../../../cli/src/commands/command-settings.ts";
import { encodeState } from "../../../../database/src/character-state.ts";
import { addressOf } from "../../../../link/src/addresses/client-address.ts";
import * as sample from "../../../../lock-core/test/sample-locks.ts";
import { type Decoder, judge } from "./decoder.ts";
import { spoiledText } from "./spoil.ts";

export const anyText = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: "binary", maxLength: 60 }));

const attributes: Decoder = {
  name: "attributes",
  property: (tally) => {
    const json = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
    const deep = fc.nat(5_000).map((depth) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`);
    return fc.property(
      fc.oneof({ weight: 8, arbitrary: spoiledText(json) }, fc.json(), deep, anyText),
      (text) => {
        const verdict = judge(tally, WireError, text.length, () => parseAttributes(text));
        if (!verdict.taken) return;
        const position = { map: "harbour", x: 1, y: 1 };
        const stored = encodeState({ position, attributes: verdict.value });
        if (stored === undefined) return;
        // JSON writes -0 as 0.
        if (!isDeepStrictEqual(JSON.parse(stored.attributes), JSON.parse(JSON.stringify(verdict.value))))
          throw new Error("stored, they are others");
      },
    );
  },
};

const cores = [
  { core: accountLockCore(sample.timing), locks: sample.account, commands: sample.accountCommand },
  { core: characterLockCore(sample.timing), locks: sample.character, commands: sample.characterCommand },
  { core: serverLockCore(sample.timing), locks: sample.server, commands: sample.serverCommand },
] as unknown as readonly {
  readonly core: LockCore<object, object, unknown, string>;
  readonly locks: Readonly<Record<string, object>>;
  readonly commands: Readonly<Record<string, object>>;
}[];
const secretIds = { loginId1: 3_141_592_653, loginId2: 2_718_281_828 };

/**
 * If a stored value is no lock, its reader throws. It writes nothing, and its error shows no part of the
 * value.
 */
const storedLock: Decoder = {
  name: "stored lock",
  property: (tally) => {
    const stored = fc.oneof(
      ...cores.map(({ core, locks, commands }) =>
        fc.record({
          core: fc.constant(core),
          command: fc.constantFrom(...Object.values(commands)),
          value: fc.oneof(
            spoiledText(
              fc
                .constantFrom(...Object.values(locks))
                .map((lock) => JSON.stringify({ ...lock, ...secretIds })),
            ),
            fc.json(),
            anyText,
          ),
        }),
      ),
    );
    return fc.asyncProperty(stored, async ({ core, command, value }) => {
      let writes = 0;
      const store = {
        load: async () => ({ nowMs: sample.nowMs, lock: { version: 1, value, deadlineMs: null } }),
        compareAndSet: async () => {
          writes += 1;
          return { ok: true, version: 2 };
        },
        losses: { graceLeftMs: () => 0 },
      } as unknown as LockStore;
      const service = new LockService({ store, core });
      const failed = await service.apply(accountLockKey(1), command).then(
        () => null,
        (error: unknown) => error,
      );
      if (failed === null) {
        tally.taken += 1;
        return;
      }
      if (failed instanceof TypeError) throw failed;
      tally.refused += 1;
      const told = JSON.stringify(describeError(failed));
      if (writes > 0) throw new Error("written, though it could not be read");
      if (Object.values(secretIds).some((id) => told.includes(String(id).slice(0, 6))))
        throw new Error(`told ${told}`);
    });
  },
};

const allSettings: readonly Setting<unknown>[] = Object.values<readonly Settings[]>(commandSettings).flatMap(
  (groups) => groups.flatMap((group) => Object.values(group)),
);

const settings: Decoder = {
  name: "settings",
  property: (tally) => {
    const likely = fc.constantFrom(
      ...[
        "127.0.0.1:7101",
        "[::1]:7101",
        "alpha:secret1,beta:secret2",
        "harbour:12,30",
        "yes",
        "no",
        "7100",
        "takeover",
      ],
      ...[
        "wss://play.example.org/alpha",
        "https://play.example.org,http://localhost:8080",
        "*",
        "/tmp/cert.pem",
        "info",
      ],
    );
    const text = fc.oneof({ weight: 4, arbitrary: spoiledText(likely) }, { weight: 1, arbitrary: anyText });
    const variables = allSettings.map(({ variable }) => variable);
    return fc.property(fc.constantFrom(...variables), text, (variable, given) => {
      const setting = allSettings.find((each) => each.variable === variable) as Setting<unknown>;
      const environment = { [variable]: given };
      const verdict = judge(tally, SettingsInvalid, given.length, () =>
        readSettings({ setting }, environment),
      );
      const isShown =
        setting.isSecret === true && !verdict.taken && verdict.why.includes(JSON.stringify(given));
      if (isShown) throw new Error(`${variable} is shown`);
    });
  },
};

/** Clients are counted by address. Two spellings of an address count as one, with any port. */
const addresses: Decoder = {
  name: "client address",
  property: (tally) => {
    const port = fc.nat(0xffff);
    return fc.property(fc.ipV4(), fc.ipV6(), port, port, (v4, v6, one, other) => {
      if (addressOf(`${v4}:${one}`) !== v4 || addressOf(`::ffff:${v4}:${other}`) !== v4)
        throw new Error("not one");
      const half = addressOf(`${v6}:${one}`);
      if (half !== addressOf(`${v6.toUpperCase()}%eth0:${other}`))
        throw new Error(`${half} is not the only one`);
      if (v6.includes(".")) tally.refused += 1;
      else tally.taken += 1;
    });
  },
};

const origins: Decoder = {
  name: "origin",
  property: (tally) => {
    const allowed = originCheck({ hosts: ["play.example.org"] });
    const origin = fc.constantFrom(
      "https://play.example.org",
      "http://localhost:80",
      "null",
      "http://[::1]:80",
    );
    return fc.property(
      fc.oneof(fc.constantFrom("https://play.example.org"), spoiledText(origin), anyText),
      (text) => {
        if (allowed(text)) tally.taken += 1;
        else tally.refused += 1;
        if (allowed(text) && !URL.canParse(text)) throw new Error("allowed what is none");
      },
    );
  },
};

export const textDecoders: readonly Decoder[] = [attributes, storedLock, settings, addresses, origins];
