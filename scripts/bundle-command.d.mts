export function bundleProgram(main: string, folder: string): Promise<void>;
export function writeCommand(dist: string): void;
