import { type BrowserPage, freePorts, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newNonce, nonceHeader } from "../../operator/src/port/nonce.ts";
import {
  clickBeside,
  create,
  enter,
  expectQuiet,
  logIn,
  type Player,
  password,
  placeOf,
  play,
  register,
  untilAt,
  walkUntil,
} from "./player.ts";
import { ServedPage, type TabOptions } from "./served-page.ts";

/* Players in real browsers, at the page that `npm start` serves, on real servers. */

/** If Chromium is missing, the test installs it, which takes a minute. */
const startMs = 300_000;

let database: TestDatabase;
let served: ServedPage;
let adminUrl: string;
const token = "0f1e2d3c4b5a69788796a5b4";
const tabs: BrowserPage[] = [];
beforeAll(async () => {
  const [port] = await freePorts(1);
  adminUrl = `http://127.0.0.1:${port}`;
  database = await testDatabase();
  const settings = { ADMIN_PORT: String(port), ADMIN_TOKEN: token, DATABASE_URL: database.url };
  served = await ServedPage.start(settings);
}, startMs);
afterAll(async () => {
  await served?.stop();
  await database.drop();
});
afterEach(async () => {
  for (const tab of tabs.splice(0)) {
    await tab.player.close();
    expectQuiet(tab);
  }
});

async function open(as: TabOptions = {}): Promise<Player> {
  const tab = await served.tab(as);
  tabs.push(tab);
  return tab.player;
}

test("a player registers, makes a character, walks by a click and by keys, and others see it and hear it", async () => {
  const ada = await enter(await open(), "page_ada");
  const bob = await enter(await open(), "page_bob");
  await bob.getByText("Near: page_ada").waitFor();
  await ada.getByText("Near: page_bob").waitFor();

  const { map, x, y } = await placeOf(ada);
  await clickBeside(ada, 2, 1);
  await untilAt(ada, map, x + 2, y + 1);
  await walkUntil(ada, "ArrowRight", (at) => at.x > x + 2 && at.y === y + 1);
  await walkUntil(ada, "KeyS", (at) => at.x > x + 2 && at.y > y + 1);

  await ada.getByLabel("Say something").fill("hello from a page");
  await ada.getByRole("button", { name: "Say", exact: true }).click();
  await bob.getByRole("log").getByText("page_ada: hello from a page").waitFor();
});

test("a login elsewhere takes over, the page says so, and its button takes the account back", async () => {
  const first = await enter(await open(), "page_cleo");
  const second = await open();
  await logIn(second, "page_cleo");
  await first.getByRole("heading", { name: "Taken over by another login" }).waitFor();
  await first.getByText("Somebody logged in with this account elsewhere.").waitFor();
  await play(second, "page_cleo");

  await first.getByRole("button", { name: "Play here again" }).click();
  await first.getByRole("application").waitFor();
  await second.getByRole("heading", { name: "Taken over by another login" }).waitFor();
});

test("a player who is banned reads until when and why, at once and at each attempt to come back", async () => {
  const dan = await enter(await open(), "page_dan");
  const ban = await fetch(`${adminUrl}/accounts/page_dan/ban`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, [nonceHeader]: newNonce(Date.now()) },
    body: JSON.stringify({ until: "2099-12-30T12:00", reason: "for <i>spam</i>" }),
  });
  expect(ban.status).toBe(200);
  const why = "The ban ends on 30 December 2099 at";
  const sentence = `You are banned from this server. ${why}`;
  const said = "The operator says: for <i>spam</i>";
  const alert = dan.getByRole("alert").filter({ hasText: "The game has ended here" });
  await alert.filter({ hasText: sentence }).filter({ hasText: said }).waitFor();
  await dan.getByRole("button", { name: "Play here again" }).click();
  const failed = `The last attempt to come back failed: ${sentence}`;
  await alert.filter({ hasText: failed }).filter({ hasText: said }).waitFor();

  await dan.getByRole("button", { name: "Log out" }).click();
  await dan.getByLabel("Password").fill(password);
  await dan.getByRole("button", { name: "Log in" }).click();
  await dan.getByRole("alert").filter({ hasText: sentence }).filter({ hasText: said }).waitFor();
});

test("a player needs the keyboard alone, from the first key to the logout", async () => {
  const player = await open();
  const { keyboard } = player;
  /** Presses Tab until the focus is on an element with this text or label. */
  const tabTo = async (name: string): Promise<void> => {
    const nameOfFocus = `(() => {
      const at = document.activeElement;
      return at?.getAttribute("aria-label") ?? (at?.labels?.[0] ?? at)?.textContent ?? "";
    })()`;
    for (let presses = 0; presses < 20; presses += 1) {
      if (String(await player.evaluate(nameOfFocus)).startsWith(name)) return;
      await keyboard.press("Tab");
    }
    throw new Error(`no Tab leads to ${name}`);
  };
  await keyboard.type("page_dora");
  await keyboard.press("Tab");
  await keyboard.type(password);
  await keyboard.press("Enter");
  await player.getByRole("heading", { name: "Your characters" }).waitFor();
  await tabTo("Name of the character");
  await keyboard.type("page_dora");
  await keyboard.press("Enter");
  await player.getByText("page_dora is created.").waitFor();
  // The focus is on the button to play.
  await keyboard.press("Enter");
  await player.getByRole("application").waitFor();

  const { map, x, y } = await placeOf(player);
  await walkUntil(player, "ArrowRight", (at) => at.x > x && at.y === y);
  await keyboard.press("x");
  await player
    .getByRole("log")
    .getByText(new RegExp(`You are at \\d+,${y} on ${map}\\.`))
    .waitFor();
  await keyboard.press("Enter");
  await keyboard.type("was it me who said this?");
  await keyboard.press("Enter");
  await player.getByRole("log").getByText("page_dora: was it me who said this?").waitFor();
  await keyboard.press("Escape");
  await walkUntil(player, "ArrowLeft", (at) => at.x <= x && at.y === y);

  await tabTo("Characters");
  await keyboard.press("Enter");
  await player.getByRole("heading", { name: "Your characters" }).waitFor();
  await tabTo("Delete page_dora");
  await keyboard.press("Enter");
  await player.getByText("Delete page_dora for good?").waitFor();
  // The focus is on the safe answer.
  await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await player.getByText("You have no character yet.").waitFor();
  await tabTo("Log out");
  await keyboard.press("Enter");
  await player.getByRole("heading", { name: "Log in" }).waitFor();
});

test("on a phone, no screen is wider than 375 pixels, and a tap walks", async () => {
  const player = await open({ viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true });
  const tooWide = `[...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map((each) => each.outerHTML.slice(0, 80))`;
  const expectNarrow = async (): Promise<void> => {
    expect(await player.evaluate(tooWide)).toEqual([]);
    expect(await player.evaluate("document.documentElement.scrollWidth")).toBe(375);
  };
  await expectNarrow();
  await register(player, "page_a_long_name_20c");
  await create(player, "page_a_long_name_20c");
  await expectNarrow();
  await player.getByRole("button", { name: "Delete page_a_long_name_20c" }).click();
  await expectNarrow();
  await player.getByRole("button", { name: "No, keep" }).click();
  await play(player, "page_a_long_name_20c");
  await player.getByLabel("Say something").fill("word".repeat(40));
  await player.getByRole("button", { name: "Say", exact: true }).click();
  await player.getByRole("log").getByText("wordword").waitFor();
  await expectNarrow();
  const { map, x, y } = await placeOf(player);
  const box = await player.getByRole("application").boundingBox();
  await player.touchscreen.tap(
    (box?.x ?? 0) + (box?.width ?? 0) / 2 - 48,
    (box?.y ?? 0) + (box?.height ?? 0) / 2,
  );
  await player.locator("#place", { hasNotText: `${x},${y}` }).waitFor();
  expect((await placeOf(player)).map).toBe(map);
});

test("the page speaks the language of the browser, and another one after a switch, and remembers it", async () => {
  const player = await open({ locale: "de-CH" });
  await player.getByRole("heading", { name: "Registrieren" }).waitFor();
  await player.getByLabel("Sprache").selectOption("English");
  await player.getByRole("heading", { name: "Register" }).waitFor();
  expect(await player.evaluate("document.documentElement.lang")).toBe("en");
  await player.reload();
  await player.getByRole("heading", { name: "Register" }).waitFor();
  await enter(player, "page_elsa");
  const kept = String(
    await player.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])"),
  );
  expect(kept).toContain("page_elsa");
  expect(kept).not.toContain(password);
});

test("every control has a name for a screen reader, and chat and events are a live region", async () => {
  const player = await enter(await open(), "page_fred");
  const nameless = `[...document.querySelectorAll("button, input, select, canvas, [role]")]
    .filter((each) => each.checkVisibility())
    .filter((each) => !(each.getAttribute("aria-label") ?? (each.labels?.[0] ?? each).textContent)?.trim())
    .filter((each) => !["alert", "status"].includes(each.getAttribute("role")))
    .map((each) => each.outerHTML)`;
  expect(await player.evaluate(nameless)).toEqual([]);
  expect(await player.getByRole("log").getAttribute("aria-live")).toBe("polite");
  await player.getByRole("log").getByText("You are on the map harbour.").waitFor();
});

test("a script that somebody smuggles into the page does not run", async () => {
  const { player, printed } = await served.tab();
  await player.evaluate(`(() => {
    const script = document.createElement("script");
    script.textContent = "window.smuggled = true";
    document.body.append(script);
    const picture = document.createElement("img");
    picture.src = "https://elsewhere.example/picture.png";
    document.body.append(picture);
  })()`);
  await expect.poll(() => printed.filter((line) => line.includes("Content Security Policy")).length).toBe(2);
  expect(await player.evaluate("window.smuggled")).toBeUndefined();
  await player.close();
});
