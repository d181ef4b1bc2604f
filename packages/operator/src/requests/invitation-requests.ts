import { randomBytes } from "node:crypto";
import { accepted } from "@sallyport/domain";
import { countField, futureMs, optional, textField, untilField } from "./fields.ts";
import { request } from "./request.ts";

const codeBytes = 10;

export const invite = request({
  command: "invite",
  method: "POST",
  path: "/invitations",
  role: "administrator",
  doc: "make a code with which people register while REGISTRATION=invitation; it is shown once",
  fields: {
    uses: optional(countField("number of accounts that can be registered with it; default 1", 1, 100_000)),
    until: optional(untilField("how long it is valid; default forever")),
    note: optional(textField("whom it is for", 200)),
  },
  args: [],
  async answer({ invitations, wallMs }, { uses, until, note }, { name: madeBy }) {
    const code = randomBytes(codeBytes).toString("hex").toUpperCase();
    const expiresMs = futureMs(until ?? (() => Number.POSITIVE_INFINITY), wallMs());
    if (!expiresMs.ok) return expiresMs;
    await invitations.add({
      code,
      uses: uses ?? 1,
      expiresMs: Number.isFinite(expiresMs.value) ? expiresMs.value : null,
      ...{ note: note ?? "", madeBy },
    });
    return accepted({ code });
  },
  text: ({ code }) => `${code.replaceAll(/(.{5})(?=.)/g, "$1-")}\n`,
});
