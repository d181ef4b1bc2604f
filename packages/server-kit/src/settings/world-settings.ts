import { about } from "./setting-topics.ts";
import { textSetting } from "./settings.ts";

export const worldName = textSetting(
  "WORLD_NAME",
  "Name of the world. Clients see it in the list of worlds. A gateway connects clients to the servers of the world with this name.",
  {
    fallback: "Alpha",
    pattern: /^[\w -]{1,20}$/,
    expected: "1 to 20 letters, digits, spaces, _ or -",
  },
);

/**
 * A char-server shows these credentials to the login-server. Its map-servers show the same credentials to the
 * char-server.
 */
export const charCredentialSettings = about("links", {
  username: textSetting(
    "CHAR_USERNAME",
    "Username of the char-server. The char-server shows it to the login-server, and its map-servers show it to the char-server.",
    {
      fallback: "alpha",
      pattern: /^[\w-]{1,32}$/,
      expected: "1 to 32 letters, digits, _ or -",
    },
  ),
  password: textSetting(
    "CHAR_PASSWORD",
    "Password of the char-server. The char-server proves it to the login-server, and its map-servers prove it to the char-server.",
    { isSecret: true },
  ),
});
