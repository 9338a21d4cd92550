import type { EvictionPolicy, Ranked } from '@costlane/domain';
import type { VectorMatch, VectorQuery } from '../vector-index';
import { Arena } from './arena';
import type { Background } from './background';
import type { Directions } from './directions';
import { ExpiryOrder } from './expiry-order';
import { Group, type GroupSettings } from './group';
import type { Part } from './part';
import { RecordTable, type EvictableRecord, type StoredRecord } from './records';
import { searchGroup } from './search-group';
import { createTenant, groupKeyOf, type Tenant } from './tenant';

export interface VectorStoreOptions extends GroupSettings {
  dimension: number;
  directions: Directions;
  maxEntriesPerTenant: number;
  maxBytes: number;
  policy: EvictionPolicy;
  background: Background;
  onRemoved: (removed: RemovedRecord) => void;
}

export interface RemovedRecord {
  tenantId: string;
  id: string;
  reason: 'evicted' | 'expired';
}

/** A record whose vector is already in the form that slots have. */
export type PackedRecord = Omit<EvictableRecord, 'vector'> & { packed: Uint8Array };

/** What a record takes beside its slot: a sketch, the record itself, its places in maps and orders (measured by bench/). */
const RECORD_OVERHEAD_BYTES = 420;
const GROUP_OVERHEAD_BYTES = 900;
const TENANT_OVERHEAD_BYTES = 1_000;
/** Memory that is not used any more is given back when it is more than this, and more than half of all. */
const LEAST_WASTE_BYTES = 8 << 20;

/** The records of the embedded index and all that is done to them; nothing here waits. */
export class VectorStore {
  private readonly tenants = new Map<string, Tenant>();
  private readonly table = new RecordTable();
  private readonly expiry = new ExpiryOrder();
  private arena: Arena;
  private oldArena: Arena | undefined;
  private entries = 0;
  private sizeBytes = 0;
  private evictions = 0;
  private expirations = 0;

  constructor(private readonly options: VectorStoreOptions) {
    this.arena = new Arena(options.dimension, options.directions);
  }

  get(tenantId: string, id: string): StoredRecord | undefined {
    return this.tenants.get(tenantId)?.records.get(id);
  }

  count(tenantId?: string): number {
    return tenantId === undefined ? this.entries : (this.tenants.get(tenantId)?.records.size ?? 0);
  }

  stats(): { entries: number; bytes: number; reservedBytes: number; evictions: number; expirations: number } {
    const { entries, sizeBytes: bytes, evictions, expirations } = this;
    const reservedBytes = this.arena.reservedBytes() + (this.oldArena?.reservedBytes() ?? 0);
    return { entries, bytes, reservedBytes, evictions, expirations };
  }

  /** Puts a record in, in the place of one of the same id, and makes room for it first. Its vector has been checked. */
  put(given: EvictableRecord | PackedRecord, nowMs: number): void {
    const before = this.get(given.tenantId, given.id);
    if (before) this.delete(before);
    if (given.expiresAtMs <= nowMs) return;
    this.makeRoom(given);
    const tenant = this.tenantOf(given.tenantId);
    const group = this.groupOf(tenant, given);
    try {
      this.add(given, tenant, group);
    } catch (error) {
      this.forgetEmpty(tenant, group);
      throw error;
    }
  }

  private add(given: EvictableRecord | PackedRecord, tenant: Tenant, group: Group): void {
    const arena = group.currentArena();
    const slot = arena.takeSlot();
    const number = this.table.takeNumber();
    if ('packed' in given) arena.writeVector(slot, given.packed, number, given.expiresAtMs);
    else {
      arena.setVector(given.vector);
      arena.kernel.writeSlot(slot, number, given.expiresAtMs);
    }
    const record: StoredRecord = {
      id: given.id,
      tenant,
      group,
      expiresAtMs: given.expiresAtMs,
      number,
      slot,
      valueNanoUsd: given.valueNanoUsd ?? 0,
      answerBytes: given.sizeBytes ?? 0,
      position: 0,
      expiryIndex: 0,
      // Both are set at once by what follows.
      part: undefined as unknown as Part,
      place: undefined as unknown as Ranked<StoredRecord>,
    };
    this.place(record, arena);
    const worth = { savedNanoUsd: record.valueNanoUsd, sizeBytes: record.answerBytes + this.bytesOf(record) };
    record.place = tenant.order.add(record, worth);
    this.table.set(record);
    this.expiry.add(record);
    tenant.records.set(record.id, record);
    this.account(tenant, this.bytesOf(record), 1);
  }

  delete(record: StoredRecord): void {
    const { tenant, group } = record;
    const arena = record.part.arena;
    group.remove(record);
    arena.freeSlot(record.slot);
    this.table.free(record.number);
    this.expiry.remove(record);
    tenant.order.remove(record.place);
    tenant.records.delete(record.id);
    this.account(tenant, -this.bytesOf(record), -1);
    this.forgetEmpty(tenant, group);
    this.giveMemoryBack();
  }

  private forgetEmpty(tenant: Tenant, group: Group): void {
    if (group.count() === 0 && tenant.groups.delete(group.names.key)) this.account(tenant, -GROUP_OVERHEAD_BYTES, 0);
    if (tenant.records.size > 0) return;
    this.account(tenant, -TENANT_OVERHEAD_BYTES, 0);
    // A tenant that is being removed is not found under its name any more.
    if (this.tenants.get(tenant.id) === tenant) this.tenants.delete(tenant.id);
  }

  /** Makes a tenant's records unfindable at once; they still have to be deleted. */
  detach(tenantId: string): Iterable<StoredRecord> {
    const tenant = this.tenants.get(tenantId);
    this.tenants.delete(tenantId);
    return tenant?.records.values() ?? [];
  }

  touch(tenantId: string, id: string): boolean {
    const record = this.get(tenantId, id);
    if (record) record.tenant.order.use(record.place);
    return record !== undefined;
  }

  search(query: VectorQuery, nowMs: number): VectorMatch[] {
    const group = this.tenants.get(query.tenantId)?.groups.get(groupKeyOf(query.contextHash, query.modelClass));
    return group ? searchGroup(group, query, nowMs, this.table) : [];
  }

  /** Deletes one record whose time has passed. Gives false when there is none. */
  expireOne(nowMs: number): boolean {
    const record = this.expiry.first();
    if (!record || record.expiresAtMs > nowMs) return false;
    this.expirations++;
    this.dropFor('expired', record);
    return true;
  }

  *records(): Iterable<StoredRecord> {
    for (const tenant of this.tenants.values()) yield* tenant.records.values();
  }

  private bytesOf({ id }: { id: string }): number {
    return this.arena.slotBytes + RECORD_OVERHEAD_BYTES + 2 * id.length;
  }

  private place(record: StoredRecord, arena: Arena): void {
    try {
      record.group.place(record);
    } catch (error) {
      arena.freeSlot(record.slot);
      this.table.free(record.number);
      throw error;
    }
  }

  private account(tenant: Tenant, bytes: number, entries: number): void {
    tenant.sizeBytes += bytes;
    this.sizeBytes += bytes;
    this.entries += entries;
  }

  private tenantOf(id: string): Tenant {
    let tenant = this.tenants.get(id);
    if (!tenant) {
      tenant = createTenant(id, this.options.policy);
      this.tenants.set(id, tenant);
      this.account(tenant, TENANT_OVERHEAD_BYTES, 0);
    }
    return tenant;
  }

  private groupOf(tenant: Tenant, { contextHash, modelClass }: { contextHash: string; modelClass: string }): Group {
    const key = groupKeyOf(contextHash, modelClass);
    let group = tenant.groups.get(key);
    if (!group) {
      const names = { key, contextHash, modelClass };
      group = new Group(names, this.arena, this.options, (task) => this.options.background.run(task));
      tenant.groups.set(key, group);
      this.account(tenant, GROUP_OVERHEAD_BYTES, 0);
    }
    return group;
  }

  /** Evicts until one more record keeps to both bounds. */
  private makeRoom(given: { tenantId: string; id: string }): void {
    const tenant = this.tenants.get(given.tenantId);
    while (tenant && tenant.records.size >= this.options.maxEntriesPerTenant) this.evictOf(tenant);
    const bytes = this.bytesOf(given) + GROUP_OVERHEAD_BYTES + TENANT_OVERHEAD_BYTES;
    while (this.sizeBytes + bytes > this.options.maxBytes) {
      const largest = this.largestTenant();
      // Else all that is held is of tenants that are being removed.
      if (!largest) return;
      this.evictOf(largest);
    }
  }

  /** The tenant that takes the most: so that one tenant's flood is not another one's loss. */
  private largestTenant(): Tenant | undefined {
    let largest: Tenant | undefined;
    for (const tenant of this.tenants.values()) if (!largest || tenant.sizeBytes > largest.sizeBytes) largest = tenant;
    return largest;
  }

  private evictOf(tenant: Tenant): void {
    const record = tenant.order.evict();
    if (!record) return;
    this.evictions++;
    this.dropFor('evicted', record);
  }

  private dropFor(reason: RemovedRecord['reason'], record: StoredRecord): void {
    this.delete(record);
    this.options.onRemoved({ tenantId: record.tenant.id, id: record.id, reason });
  }

  private giveMemoryBack(): void {
    const reserved = this.arena.reservedBytes();
    const waste = reserved - this.arena.usedBytes();
    if (this.oldArena || waste < LEAST_WASTE_BYTES || waste < reserved / 2) return;
    this.oldArena = this.arena;
    this.arena = new Arena(this.options.dimension, this.options.directions);
    this.options.background.run(this.moveAll());
  }

  private *moveAll(): Generator<void> {
    const groups = [...this.tenants.values()].flatMap((tenant) => [...tenant.groups.values()]);
    for (const group of groups) {
      group.moveTo(this.arena);
      while (group.drainOne()) yield;
    }
    this.oldArena = undefined;
  }
}
