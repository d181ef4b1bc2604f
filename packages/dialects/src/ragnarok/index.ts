export * from "./char-packets.ts";
export {
  type CodePage,
  type CodePageName,
  codePageNames,
  codePages,
  isShownName,
  usualCodePage,
} from "./code-page.ts";
export * from "./codes.ts";
export * from "./describe-packets.ts";
export * from "./field.ts";
export * from "./login-packets.ts";
export * from "./map-answers.ts";
export * from "./map-packets.ts";
export * from "./options.ts";
export * from "./packet-codec.ts";
export * from "./packet-table.ts";
export * from "./passed-over-at-map.ts";
export * from "./profiles.ts";
export * from "./ragnarok-dialects.ts";
