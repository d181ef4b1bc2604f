/** The topics of settings, in the order in which they are listed. */
export const settingTopics = {
  stores: "Stores",
  links: "Links between servers",
  doors: "Doors: where clients connect",
  addresses: "Addresses that are given to clients and gateways",
  tls: "TLS",
  limits: "Limits on connections",
  timers: "Timers of the locks",
  accounts: "Accounts and logins",
  game: "World and game",
  ragnarok: "Ragnarok clients",
  "a-series": "A-series clients",
  tokens: "Identity tokens",
  web: "The page for browsers",
  gateway: "Gateway",
  front: "Front: clients of other protocols",
  resource: "Resource server: leaderboards",
  stopping: "Stopping and draining",
  watching: "Admin port and log",
} as const;

export type SettingTopic = keyof typeof settingTopics;

interface OnTopic {
  readonly variable: string;
  readonly topic?: SettingTopic;
}

/** Gives this topic to all settings without a topic. */
export const about = <const S extends { readonly [name: string]: OnTopic }>(
  topic: SettingTopic,
  settings: S,
): S =>
  Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, { topic, ...setting }]),
  ) as unknown as S;

/** Lists each variable once, under its topic. Settings without a topic are under the key null. */
export function byTopic<T extends OnTopic>(
  settings: Iterable<T>,
): ReadonlyMap<SettingTopic | null, readonly T[]> {
  const once = new Map([...settings].map((setting) => [setting.variable, setting]));
  const topics = [...(Object.keys(settingTopics) as SettingTopic[]), null];
  const groups = topics.map(
    (topic) => [topic, [...once.values()].filter((setting) => (setting.topic ?? null) === topic)] as const,
  );
  return new Map(groups.filter(([, group]) => group.length > 0));
}
