export const pageFolder: string;
export function bundlePage(folder?: string): Promise<void>;
