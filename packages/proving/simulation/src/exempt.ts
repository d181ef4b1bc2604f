/** A mark that no run can reach, and the reason. */
export interface Exempt {
  readonly mark: RegExp;
  readonly why: string;
}

const noLock = "decided before any lock is read; other tests cover it";
const impossible = "no server sends this command in this state; the answer exists in case a server ever does";

export const exemptMarks: readonly Exempt[] = [
  { mark: /^(login|char)\.\w+: refused (busy|banned|out-of-order)$/, why: noLock },
  {
    mark: /^login\.\w+: refused (email-\w+|invitation-invalid|version-unsupported|too-many-\w+|\w+-banned)$/,
    why: noLock,
  },
  {
    mark: /^login\.(email\.confirm|password\.(reset|reset\.ask)): refused /,
    why: "no client of a run has an e-mail address; other tests cover them",
  },
  {
    mark: /^login\.password\.change: refused (password-invalid|busy|out-of-order|[\w-]+-(unconfirmed|unsupported|attempts|banned))$/,
    why: noLock,
  },
  { mark: /^login\.password\.telling: refused /, why: "only fronts ask so; other tests cover them" },
  { mark: /^score\.submit: refused (lock-lost|unavailable)$/, why: "other tests lose a lock with a score" },
  { mark: /^login\.token: refused /, why: "no client of a run asks for an identity token; other tests do" },
  { mark: /^room\.enter: refused /, why: "no map of a run is a room" },
  { mark: /^(map\.\w+|dialogue\.answer|shop\.buy|game\.command): refused busy$/, why: noLock },
  { mark: /^map\.enter: refused out-of-order$/, why: noLock },
  { mark: /^login\.register: refused registration-closed$/, why: "registration is open in all runs" },
  {
    mark: /^char\.create: refused map-unavailable$/,
    why: "new characters begin on a map that is always hosted",
  },
  {
    mark: /^(char\.choose|character\.expect): refused state-invalid$/,
    why: "the game of a run can load all characters",
  },
  {
    mark: /^(map\.(click|take)|dialogue\.answer|shop\.buy|game\.command): refused failed$/,
    why: "no handler of the game has a bug",
  },
  {
    mark: /^map\.report: refused (too-fast|outside|too-many)$/,
    why: "on the maps of a run, the server walks the characters",
  },
  { mark: /^map\.say: refused (text-invalid|unavailable|muted)$/, why: noLock },
  { mark: /^(map\.order|order\.[\w-]+): refused /, why: "no account of a run has a role" },
  { mark: /^character\.(where|warp): refused not-held$/, why: "no account of a run has a role" },
  { mark: /^announcement\.everywhere: refused unavailable$/, why: "no account of a run has a role" },
  { mark: /^account\.operate: refused no-such-account$/, why: "no account of a run is deleted" },
  {
    mark: /^map\.leave: refused unavailable$/,
    why: "only a request that arrives too late is refused so, and no client waits that long",
  },
  { mark: /^link\.\w+: refused (version-unsupported|wrong-username-or-password)$/, why: noLock },
  {
    mark: /^character\.(save|leave|hop): refused state-invalid$/,
    why: "the state of a simulated character is small and can always be stored",
  },

  { mark: /^character lock: refused stale-fence$/, why: impossible },
  { mark: /^character lock: abandon while returning$/, why: impossible },
  { mark: /^account\.kick: refused not-held$/, why: impossible },
  {
    mark: /^server link: closed while admitted$/,
    why: "the shell reports the end of a connection after its cookie is stored",
  },
  {
    mark: /^server link: stop while admitted$/,
    why: "the cookie is stored within 20 ms, so few of many thousand runs stop a server then",
  },
  {
    mark: /^server link: stop while stepping-down$/,
    why: "the connection ends in the turn in which the server steps down",
  },
  // Traces in `lock-core/test/traces` show what each of these moves of an account owner does, and random programs
  // of lock-core reach all of them. A thousand seeds reach each of them once or twice, or never.
  {
    mark: /^account owner: (held while absent|hold-unanswered while (absent|releasing))$/,
    why: "a login-server answers a later release before it answers for the account",
  },
  {
    mark: /^account owner: opened while (asking|on-map|unknown|releasing)$/,
    why: "the login loses its account, and goes on, in the time in which a store opens the character lock",
  },
  {
    mark: /^account owner: reclaimed while (asking|entering|releasing)$/,
    why: "a lost link comes back after 200 ms or more, and these states last for one answer",
  },
  {
    mark: /^account owner: lost while asking$/,
    why: "a request for the account ends with its link, and the account is lost later than the link",
  },
  {
    mark: /^account owner: kick while handed-over$/,
    why: "a kick finds the character lock, unless a store lost it during the hand-over",
  },
  {
    mark: /^account owner: freed while (choosing|entering)$/,
    why: "an earlier client of the same login leaves in the time in which this one enters",
  },
  {
    mark: /^account owner: hand-over while on-map$/,
    why: "no simulated client chooses twice before it is at character select",
  },
  {
    mark: /^character\.expect: refused map-not-hosted$/,
    why: "with two map-servers, one that loses a map is stopping, or passes the map to the server that the hop comes from",
  },
];

export const isExempt = (mark: string): boolean => exemptMarks.some((exempt) => exempt.mark.test(mark));

/**
 * A run of two thousand seeds reaches each of these marks only a few times, mostly through `storms.ts`. A
 * shorter run can miss some of them. A run of a thousand seeds reaches every other mark.
 */
const rareMarks: readonly RegExp[] = [
  /^character lock: open while (choosing|handing-over)$/,
  /^character lock: reclaim while (entering|hopping|evicting)$/,
  /^character lock: (abandon while handing-over|expire while (hopping|returning))$/,
  /^character lock: (return|leave|forfeit|evict|decline) while hopping$/,
  /^character lock: refused (hopping|ids-differ|second-choice|too-late)$/,
  /^character lock: refused not-(on-a-map|entering)$/,
  /^server lock: (release while away|refused (cookie-wrong|too-late))$/,
  /^server link: (stop while (away|setting-up)|closed while setting-up)$/,
  /^character owner: (wait-over while expected|leave while (expected|entering)|drop while entering)$/,
  /^character owner: not-(saved while (hopping|leaving)|left while leaving)$/,
  /^server link: (expire while (admitted|setting-up)|(refused|admitted) while leaving)$/,
  /^account owner: (lost while entering|reclaimed while unknown|come while handed-over)$/,
  /^account owner: (kick while (choosing|on-map)|seen while (asking|on-map)|gone while asking)$/,
  /^account owner: (disowned|lost) while choosing$/,
  /^account owner: (opened while absent|(kick|doubted) while asking|seen while entering)$/,
  /^account owner: (lost|reclaimed) while handed-over$/,
  /^(link\.(leave|reclaimed)|account\.(owned|reclaim)): refused unavailable$/,
  /^character\.(enter|save|hop|reclaim): refused unavailable$/,
  /^character\.(save|hop): refused lock-lost$/,
  /^character\.(expect: refused (stale-fence|stopping)|kick: refused not-held)$/,
  /^map\.((enter|report): refused unavailable|walk: refused no-path|take: refused no-room)$/,
  /^(dialogue\.answer|shop\.buy|game\.command): refused (unavailable|out-of-order)$/,
  /^(login\.register|char\.(create|delete)): refused /,
  /^login\.password\.change: refused (wrong-name-or-password|banned|unavailable)$/,
  /^account\.operate: refused (overtaken|already-online|unavailable)$/,
];

export const isRare = (mark: string): boolean => rareMarks.some((rare) => rare.test(mark));
