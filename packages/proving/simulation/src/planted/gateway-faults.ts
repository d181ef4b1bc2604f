import type { SourceFault } from "./source-fault.ts";

const at = (name: string): string => `packages/gateway/src/${name}.ts`;

export const gatewayFaults: readonly SourceFault[] = [
  {
    name: "a gateway leads a hopping client to the next map-server too early",
    file: at("route"),
    find: `    case "entering":
    case "playing":
    case "hopping":
    case "evicting":
      return lock.owner.server;`,
    put: `    case "hopping":
      return lock.target.server;
    case "entering":
    case "playing":
    case "evicting":
      return lock.owner.server;`,
    note: "The map-server refuses the client.",
    test: {
      file: "packages/gateway/test/route.test.ts",
      title: "with the lock %o the client belongs to %s",
    },
  },
  {
    name: "a gateway leads a client to any map-server during its hand-over",
    file: at("route"),
    find: `      return lock.target.server;`,
    put: `      return null;`,
    note: "The map-server refuses the client.",
    test: {
      file: "packages/gateway/test/route.test.ts",
      title: "with the lock %o the client belongs to %s",
    },
  },
  {
    name: "a gateway leads a client to another server while its own is coming back",
    file: at("gateway"),
    find: `      if (isOwnerOnly && !route.isOwner) continue;`,
    put: ``,
    note: "The other server refuses the client.",
    test: {
      file: "packages/gateway/test/gateway.test.ts",
      title: "finds a server that appeared after the directory was last read",
    },
  },
  {
    name: "a gateway leads new clients to a draining server",
    file: at("route"),
    find: `    server.state === "up" ? 0 : 1,`,
    put: `    server.state === "up" ? 1 : 0,`,
    note: "The draining server turns newcomers away, and never empties.",
    test: {
      file: "packages/gateway/test/route.test.ts",
      title: "include a draining owner, but other draining servers only if no other is up",
    },
  },
  {
    name: "a gateway joins a client that is already gone to a server",
    file: at("joined-client"),
    find: `      else if (this.#isOver()) found.channel.close();`,
    put: ``,
    note: "The server keeps a client that is gone.",
    test: {
      file: "packages/gateway/test/servers-come-and-go.test.ts",
      title: "a connection to a server is closed if its client left while it was made",
    },
  },
  {
    name: "a gateway does not end the server's side when the client is gone",
    file: at("joined-client"),
    find: `    else this.#client.close();
    this.#server?.close();`,
    put: `    else this.#client.close();`,
    note: "The client's player stays on the map.",
    test: {
      file: "packages/gateway/test/gateway.test.ts",
      title: "end together when the client's connection is lost without a word",
    },
  },
  {
    name: "a gateway loses the first bytes of a client",
    file: at("joined-client"),
    find: `    this.#toServer.pass(first);`,
    put: ``,
    note: "No client gets in.",
    test: {
      file: "packages/gateway/test/gateway.test.ts",
      title: "is joined to the server that has its character, which gets all bytes unchanged",
    },
  },
  {
    name: "a gateway cuts off clients whose server is missing in the directory",
    file: at("gateway"),
    find: `listed.has(\`\${door} \${server}\`) || clock.nowMs() - client.heardMs < goneMs)`,
    put: `listed.has(\`\${door} \${server}\`))`,
    note: "A directory that forgets puts out every client.",
    test: {
      file: "packages/gateway/test/servers-come-and-go.test.ts",
      title: "keeps its clients as long as it sends anything",
    },
  },
  {
    name: "a gateway does not read again after a slow client has caught up",
    file: at("flow"),
    find: `    this.#from.resume();`,
    put: ``,
    note: "The client receives nothing more.",
    test: {
      file: "packages/gateway/test/gateway.test.ts",
      title: "buffer almost no bytes that the %s does not read",
    },
  },
  {
    name: "a gateway forgets the servers that are up when the directory does not answer",
    file: at("servers-up"),
    find: `      this.#isAway = true;`,
    put: `      this.#isAway = true;
      this.#servers = [];`,
    note: "The gateway leads no client anywhere.",
    test: {
      file: "packages/gateway/test/servers-come-and-go.test.ts",
      title: "clients are led to the servers that were up before",
    },
  },
  {
    name: "a gateway counts a client that left before it was joined",
    file: at("gateway"),
    find: `        if (joined.server !== null && !this.#clients.has(client)) this.#count(door, joined.server, -1);`,
    put: ``,
    note: "The server looks fuller than it is for as long as the gateway runs.",
    test: {
      file: "packages/gateway/test/gateway.test.ts",
      title: "that left before it was joined no longer counts there",
    },
  },
];
