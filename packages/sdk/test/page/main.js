import { createClient, describeRefusal, transportTo } from "@sallyport/sdk/browser";
import { keys } from "./keys.js";

const login = new URLSearchParams(location.search).get("login") ?? "ws://127.0.0.1:7102";
const client = createClient({ ...transportTo(login), credentials: { keys } });

document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void logIn(Object.fromEntries(new FormData(event.target)));
});

async function logIn({ name, password }) {
  const loggedIn = await client.logIn({ name, password });
  document.querySelector("output").textContent = loggedIn.ok
    ? loggedIn.value.worlds.map((world) => `${world.name}: ${world.players} players`).join(", ")
    : describeRefusal(loggedIn.refusal);
}
