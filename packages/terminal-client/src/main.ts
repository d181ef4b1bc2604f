import { readFileSync } from "node:fs";
import { explain, versionIn } from "@sallyport/command-line";
import { createClient, type Transport, transportTo } from "@sallyport/sdk/node";
import { parseCommandLine } from "./command-line.ts";
import { Display } from "./display.ts";
import { KeyReader } from "./keys.ts";
import { Shell } from "./shell.ts";

const version = versionIn(new URL("../package.json", import.meta.url));
const interrupt = { type: "named", name: "interrupt" } as const;

async function play(transport: Transport, name: string): Promise<void> {
  const { stdin, stdout } = process;
  const display = new Display(stdout, process.env["NO_COLOR"] === undefined);
  let isDrawing = false;
  const draw = (): void => {
    isDrawing = false;
    if (!display.show(shell.view(display.size))) stdout.once("drain", drawSoon);
  };
  // Several changes in one turn of the event loop are drawn together.
  const drawSoon = (): void => {
    if (isDrawing) return;
    isDrawing = true;
    setImmediate(draw);
  };
  let whyUnreachable: string | null = null;
  const shell = new Shell({
    client: createClient({
      ...transport,
      program: { name: "sallyport-terminal", version },
      onUnreachable: (_door, why) => {
        whyUnreachable = why;
      },
    }),
    server: transport.login,
    name,
    whyUnreachable: () => whyUnreachable,
    changed: drawSoon,
  });
  const restore = (): void => {
    if (stdin.isTTY) stdin.setRawMode(false);
    display.close();
  };
  process.once("exit", restore);
  // Node prints the uncaught error after this callback. The error stays readable on the main screen.
  process.on("uncaughtExceptionMonitor", restore);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const)
    process.on(signal, () => shell.press(interrupt));
  const keys = new KeyReader();
  stdin.setEncoding("utf8");
  stdin.setRawMode(true);
  stdin.on("data", (chunk: string) => {
    for (const key of keys.push(chunk)) shell.press(key);
  });
  stdin.on("end", () => shell.press(interrupt));
  // The window was closed. Save and leave.
  stdout.on("error", () => shell.press(interrupt));
  stdout.on("resize", () => {
    display.forget();
    drawSoon();
  });
  display.open();
  drawSoon();
  await shell.finished;
  restore();
  stdin.pause();
}

async function main(): Promise<number> {
  const parsed = parseCommandLine(process.argv.slice(2));
  if (!parsed.ok) return explain(parsed);
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    process.stderr.write(
      "This client reads keys and draws on the screen: start it in a terminal, without a pipe.\n",
    );
    return 2;
  }
  let ca: string | undefined;
  try {
    if (parsed.ca !== null) ca = readFileSync(parsed.ca, "utf8");
  } catch (error) {
    process.stderr.write(`--ca: ${(error as Error).message}\n`);
    return 2;
  }
  await play(transportTo(parsed.url, ca === undefined ? {} : { ca }), parsed.name);
  return 0;
}

process.exit(await main());
