import { expect } from "vitest";
import { type Asking, denied, type Person } from "./asking.ts";

/** A leaderboard, and somebody of each level on it. */
export interface Board {
  readonly id: number;
  readonly name: string;
  readonly nobody: Person;
  readonly reader: Person;
  readonly writer: Person;
  readonly moderator: Person;
}

/** Makes leaderboards with entries and proofs, as their users do. */
export class Boards {
  readonly #asking: Asking;
  readonly #admin: Person;
  #count = 0;

  constructor(asking: Asking, admin: Person) {
    this.#asking = asking;
    this.#admin = admin;
  }

  async make(permission = 0): Promise<Board> {
    const name = `Board ${++this.#count}`;
    const id = (await this.#asking.ask(this.#admin, "CreateLeaderboard", {
      ...{ leaderboard_name: name, leaderboard_permission: permission, leaderboard_ascending: false },
    })) as number;
    const newcomer = async (who: string): Promise<Person> => {
      const person = this.#asking.person(`${who}${this.#count}`);
      await this.#asking.idOf(person);
      return person;
    };
    const granted = async (who: string, level: number): Promise<Person> => {
      const person = await newcomer(who);
      const grant = { user_id: await this.#asking.idOf(person), leaderboard_id: id, permission: level };
      expect(await this.#asking.ask(this.#admin, "SetPermission", grant)).toBeNull();
      return person;
    };
    return {
      ...{ id, name, nobody: await newcomer("nobody"), reader: await granted("reader", 1) },
      ...{ writer: await granted("writer", 2), moderator: await granted("moderator", 3) },
    };
  }

  /** Returns who gets another answer than a denial. */
  async allowed(of: Board, name: string, fields: () => Promise<object> | object): Promise<string[]> {
    const { nobody, reader, writer, moderator } = of;
    const everybody = { nobody, reader, writer, moderator, administrator: this.#admin };
    const may: string[] = [];
    for (const [who, person] of Object.entries(everybody))
      if ((await this.#asking.ask(person, name, await fields())) !== denied) may.push(who);
    return may;
  }

  async added(of: Board, person: Person, score = 1, comment = ""): Promise<number> {
    const id = await this.#asking.ask(person, "AddEntry", { leaderboard_id: of.id, score, comment });
    expect(id).toBeTypeOf("number");
    return id as number;
  }

  async verified({ moderator }: Board, entryId: number): Promise<number> {
    const verify = { entry_id: entryId, verified: true };
    expect(await this.#asking.ask(moderator, "ModifyEntryVerification", verify)).toBeNull();
    return entryId;
  }

  async proofOf(person: Person, entryId: number, bytes = "proof"): Promise<number> {
    const file = Buffer.from(bytes).toString("base64");
    const proof = { entry_id: entryId, filename: "run.txt", file };
    expect(await this.#asking.ask(person, "AddProof", proof)).toBeNull();
    const shown = (await this.#asking.ask(person, "GetEntry", { entry_id: entryId })) as {
      files: [number][];
    };
    return shown.files.at(-1)?.[0] ?? 0;
  }
}
