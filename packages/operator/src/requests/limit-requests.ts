import { isIP } from "node:net";
import { accepted } from "@sallyport/domain";
import type { LimitsAnswer } from "../answers.ts";
import { limitsText } from "../limit-text.ts";
import { textField } from "./fields.ts";
import { request } from "./request.ts";

export const limits = request({
  command: "limits",
  method: "GET",
  path: "/limits",
  role: "gamemaster",
  doc: "show what the limits on logins and registrations count of an address or of an account, and until when they hold",
  fields: { of: textField("an address, or a name or e-mail address as somebody types it", 254) },
  args: ["of"],
  answer: async (services, { of }) =>
    accepted<LimitsAnswer>({
      of,
      limits: await services.limits(isIP(of) === 0 ? { name: of } : { address: of }),
    }),
  text: limitsText,
});
