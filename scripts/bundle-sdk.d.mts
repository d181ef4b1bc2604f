export function bundleForBrowsers(input?: string, format?: "esm" | "iife"): Promise<string>;
export function writeBundles(folder: string): Promise<string[]>;
