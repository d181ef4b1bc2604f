import { systemClock } from "@sallyport/clock";
import type { CharId, LoginTicket, MapEntered } from "@sallyport/domain";
import {
  type CharacterSummary,
  CharConnection,
  type ConnectionOptions,
  type DoorAddress,
  defaultBounds,
  LoginConnection,
  MapConnection,
} from "@sallyport/sdk";
import { must } from "@sallyport/testkit";
import type { TestAccount, TestCluster } from "../cluster/test-cluster.ts";

export interface Choosing {
  readonly ticket: LoginTicket;
  readonly char: CharConnection;
  readonly characters: readonly CharacterSummary[];
  readonly charId: CharId;
}
export interface HandedOver extends Choosing {
  readonly to: DoorAddress & { readonly charId: CharId; readonly map: string };
}
export interface Playing extends HandedOver {
  readonly map: MapConnection;
  readonly entered: MapEntered;
}

/** Opens the doors of a cluster by hand. Each step sends exactly what the test gives. */
export class Doors {
  readonly #cluster: TestCluster;
  readonly #options: ConnectionOptions;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#options = { connect: cluster.connect, clock: systemClock, bounds: defaultBounds };
  }

  async login(): Promise<LoginConnection> {
    return must(await LoginConnection.reach(this.#cluster.loginAddress, this.#options));
  }

  async char(address: DoorAddress = this.#cluster.charAddress): Promise<CharConnection> {
    return must(await CharConnection.reach(address, this.#options));
  }

  async map(address: DoorAddress): Promise<MapConnection> {
    return must(await MapConnection.reach(address, this.#options));
  }

  /** Logs in with the raw password, and disconnects. */
  async logIn({ name, password }: TestAccount) {
    const login = await this.login();
    const answer = await login.ask({ type: "login.password", name, password });
    login.close();
    return answer;
  }

  async ticket(account: TestAccount): Promise<LoginTicket> {
    const { accountId, loginId1, loginId2, sex } = must(await this.logIn(account));
    return { accountId, loginId1, loginId2, sex };
  }

  /** Shows a ticket at the char door. If it is refused, disconnects. */
  async show(ticket: LoginTicket, address?: DoorAddress) {
    const char = await this.char(address);
    const entered = await char.ask({ type: "char.enter", ...ticket });
    if (!entered.ok) char.close();
    return { char, entered };
  }

  async choosing(account: TestAccount): Promise<Choosing> {
    const ticket = await this.ticket(account);
    return this.backAt(ticket);
  }

  async backAt(ticket: LoginTicket): Promise<Choosing> {
    const { char, entered } = await this.show(ticket);
    const { characters } = must(entered);
    const [first] = characters;
    if (first === undefined) throw new Error("no characters");
    return { ticket, char, characters, charId: first.charId };
  }

  async handedOver(account: TestAccount): Promise<HandedOver> {
    const choosing = await this.choosing(account);
    const to = must(await choosing.char.ask({ type: "char.choose", charId: choosing.charId }));
    return { ...choosing, to };
  }

  async playing(account: TestAccount): Promise<Playing> {
    const handedOver = await this.handedOver(account);
    handedOver.char.close();
    return this.enterMap(handedOver);
  }

  async enterMap(handedOver: HandedOver): Promise<Playing> {
    const map = await this.map(handedOver.to);
    const { accountId, loginId1, sex } = handedOver.ticket;
    const entered = must(
      await map.ask({ type: "map.enter", accountId, charId: handedOver.charId, loginId1, sex }),
    );
    return { ...handedOver, map, entered };
  }
}
