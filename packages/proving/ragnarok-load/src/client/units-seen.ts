import { type Cell, cellsApart, type Move } from "../wire/cells.ts";
import type { ProtocolFault } from "../wire/packet-stream.ts";
import { type FloorItem, type Handlers, handle, type ServerPacket } from "../wire/server-packets.ts";
import type { Unit } from "../wire/unit.ts";

/** Clients ignore a walk over more than this many cells. */
const walkCellsMax = 17;

export type Complaint = readonly [ProtocolFault, string];

/**
 * The units in sight, as the map-server showed them. Also checks that the packets about a unit come in a
 * sensible order.
 */
export class UnitsSeen {
  readonly #ownId: number;
  readonly #units = new Map<number, Unit>();
  readonly #items = new Map<number, FloorItem>();
  readonly #handlers: Handlers<Complaint[]> = {
    ZC_NOTIFY_STANDENTRY: (unit) => this.#appear(unit),
    ZC_NOTIFY_NEWENTRY: (unit) => this.#appear(unit),
    ZC_NOTIFY_MOVEENTRY: (unit) => this.#appear(unit),
    ZC_NOTIFY_MOVE: (move) => this.#move(move.id, move),
    ZC_NOTIFY_PLAYERMOVE: (move) => checkMove("own walk", move),
    ZC_STOPMOVE: (stop) => this.#place(stop.id, stop),
    ZC_NOTIFY_VANISH: ({ id }) => this.#vanish(id),
    ZC_NOTIFY_CHAT: ({ id, type }) => this.#known(id, type),
    ZC_CHANGE_DIRECTION: ({ id, type }) => this.#known(id, type),
    ZC_EMOTION: ({ id, type }) => this.#known(id, type),
    ZC_ITEM_ENTRY: ({ type: _, ...item }) => this.#appearItem(item),
    ZC_ITEM_DISAPPEAR: ({ id, type }) =>
      this.#items.delete(id) ? [] : [["unit-unknown", `${type} of ${id}`]],
  };
  /** True until the client reports that the map is loaded. */
  #isLoading = true;

  constructor(ownId: number) {
    this.#ownId = ownId;
  }

  get units(): ReadonlyMap<number, Unit> {
    return this.#units;
  }

  /** The items on the floor. */
  get items(): ReadonlyMap<number, FloorItem> {
    return this.#items;
  }

  /** The caller calls this when the client has entered another map. */
  forget(): void {
    this.#units.clear();
    this.#items.clear();
    this.#isLoading = true;
  }

  loaded(): void {
    this.#isLoading = false;
  }

  hear(packet: ServerPacket): readonly Complaint[] {
    return handle(this.#handlers, packet) ?? [];
  }

  #appear({ type, ...unit }: Unit & { readonly type: string }): Complaint[] {
    const { id, cell, move, name } = unit;
    const who = `${type} of ${id} ${name}`;
    const complaints: Complaint[] = [];
    if (this.#isLoading) complaints.push(["unit-too-early", who]);
    if (id === this.#ownId) complaints.push(["own-unit", who]);
    // The server is allowed to show a known unit in full again when the unit begins to walk.
    else if (this.#units.has(id) && move === null) complaints.push(["unit-twice", who]);
    complaints.push(...(move === null ? checkCell(who, cell) : checkMove(who, move)));
    this.#units.set(id, { ...unit, cell: move?.to ?? cell });
    return complaints;
  }

  #appearItem(item: FloorItem): Complaint[] {
    const what = `item ${item.item} of ${item.id}`;
    const complaints = checkCell(what, item);
    if (this.#isLoading) complaints.push(["unit-too-early", what]);
    if (this.#items.has(item.id)) complaints.push(["unit-twice", what]);
    this.#items.set(item.id, item);
    return complaints;
  }

  #move(id: number, move: Move): Complaint[] {
    return [
      ...this.#known(id, "ZC_NOTIFY_MOVE"),
      ...checkMove(`walk of ${id}`, move),
      ...this.#put(id, move.to),
    ];
  }

  #place(id: number, cell: Cell): Complaint[] {
    return [...this.#known(id, "ZC_STOPMOVE"), ...checkCell(`stop of ${id}`, cell), ...this.#put(id, cell)];
  }

  #put(id: number, { x, y }: Cell): Complaint[] {
    const unit = this.#units.get(id);
    if (unit !== undefined) this.#units.set(id, { ...unit, cell: { x, y } });
    return [];
  }

  #vanish(id: number): Complaint[] {
    const complaints = this.#known(id, "ZC_NOTIFY_VANISH");
    this.#units.delete(id);
    return complaints;
  }

  #known(id: number, type: string): Complaint[] {
    return id === this.#ownId || this.#units.has(id) ? [] : [["unit-unknown", `${type} of ${id}`]];
  }
}

function checkMove(who: string, { from, to }: Move): Complaint[] {
  const far = cellsApart(from, to);
  const walk = `${who}: ${from.x},${from.y} → ${to.x},${to.y}`;
  if (far > walkCellsMax) return [["too-far", walk]];
  return [...checkCell(walk, from), ...checkCell(walk, to)];
}

/** Clients interpret the cell 0,0 as no cell. */
function checkCell(who: string, { x, y }: Cell): Complaint[] {
  return x === 0 && y === 0 ? [["no-cell", who]] : [];
}
