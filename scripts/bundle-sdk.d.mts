export const entry: string;
export function bundleForBrowsers(input?: string): Promise<string>;
