export const oldestNode: string;
export function nodeRefusal(version: string, path?: string): string | null;
