import type { Random } from '#apps/sandbox/src/random.js';
import { HttpFault } from '#libs/http/index.js';
import type { Listing } from '#libs/readings/index.js';
import type { SeenObject } from '#libs/resources/contract.js';
import { isSuccess, transportFault, type ApiAnswer, type ApiCall } from '#libs/vendors/common/index.js';
import { EGAIN, egainFault } from '#libs/vendors/egain/errors.js';
import { ACCOUNT, ORCHESTRATION, type EgainKind } from '#libs/vendors/egain/kinds.js';
import { listingOf } from '#libs/vendors/egain/list.js';
import { Paging } from '#libs/vendors/egain/paging.js';

/** An object of the model, and when it stood, in the model's time. */
export interface Standing {
  id: string;
  name: string;
  createdAt: number;
  modifiedAt: number;
  deletedAt: number | null;
}

/** How a vendor lists. What is left out of the answers is as eGain's pages allow. */
export interface Habits {
  order: 'oldest' | 'newest' | 'none';
  /** Objects of a page. */
  pageSize: number;
  /** Whether it takes `$pagesize`. */
  takesSize: boolean;
  hasCount: boolean;
  hasTimes: boolean;
}

/** A call that has been asked for, and not been answered. */
export interface ModelCall {
  kind: string;
  isSent: boolean;
  /** The call leaves; once more after a new authorisation. */
  send(): void;
  /** Answers by what stands now. */
  answer(): void;
  /** Answers with this status instead, or with none: the connection breaks. */
  fail(status: number | null, headers?: Record<string, string>): void;
}

/** The kinds that are listed: two of eGain's, over many pages, and one that comes in a single answer. */
export const KINDS = ['account', 'orchestration', 'single'] as const;
export type Kind = (typeof KINDS)[number];

const EGAIN_KINDS: Record<Exclude<Kind, 'single'>, EgainKind> = { account: ACCOUNT, orchestration: ORCHESTRATION };
const BEGINNING = Date.UTC(2026, 0, 1);
const RESET = new HttpFault('reset', 'the connection broke');

/** A vendor in memory whose calls are sent and answered when the test says so. */
export class ModelVendor {
  readonly calls: ModelCall[] = [];
  readonly objects: Record<Kind, Standing[]> = { account: [], orchestration: [], single: [] };
  private readonly paging = new Paging();
  private count = 0;

  constructor(
    private readonly habits: Habits,
    private readonly random: Random,
  ) {}

  /** The list of a kind, read as the engine reads it. */
  listing(kind: Kind): Listing<SeenObject> {
    if (kind === 'single') return this.single();
    const client = {
      paging: this.paging,
      ask: (call: ApiCall) => this.called(kind, call, () => this.page(kind, call.path)),
      unreadable: () => new TypeError('the model answers readably') as never,
    };
    return listingOf(client, EGAIN_KINDS[kind]);
  }

  create(kind: Kind, at: number): Standing {
    this.count += 1;
    const id = `${this.random().toString(16).slice(2, 10)}-${String(this.count)}`;
    const made = { id, name: this.nextName(), createdAt: at, modifiedAt: at, deletedAt: null };
    this.objects[kind].push(made);
    return made;
  }

  rename(standing: Standing, at: number): void {
    Object.assign(standing, { name: this.nextName(), modifiedAt: at });
  }

  standing(kind: Kind): Standing[] {
    return this.objects[kind].filter(({ deletedAt }) => deletedAt === null);
  }

  private nextName(): string {
    return `n${this.random().toString(36).slice(2, 8)}`;
  }

  private single(): Listing<SeenObject> {
    return {
      kind: 'single',
      scope: undefined,
      read: (pages) =>
        pages.page(async (options) => {
          const call: ApiCall = { resource: 'single', operation: 'list', method: 'GET', path: '', ...options };
          const answer = await this.called('single', call, () => answered(200, null));
          if (!isSuccess(answer.status)) throw egainFault(call, answer);
          return this.standing('single').map(({ id, name, createdAt }) => ({
            id,
            key: name,
            marker: undefined,
            age: String(createdAt),
            body: {},
          }));
        }),
    };
  }

  private called(kind: Kind, { signal, onSent }: ApiCall, answer: () => ApiAnswer): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal?.removeEventListener('abort', stop);
        this.calls.splice(this.calls.indexOf(call), 1);
      };
      const stop = (): void => {
        end();
        reject(signal?.reason as Error);
      };
      const call: ModelCall = {
        kind,
        isSent: false,
        send: () => {
          call.isSent = true;
          onSent?.();
        },
        answer: () => {
          end();
          resolve(answer());
        },
        fail: (status, headers = {}) => {
          end();
          if (status === null) reject(transportFault(EGAIN, { resource: kind, operation: 'list' }, RESET));
          else resolve({ ...answered(status, undefined), headers });
        },
      };
      signal?.addEventListener('abort', stop);
      this.calls.push(call);
    });
  }

  private page(kind: Exclude<Kind, 'single'>, path: string): ApiAnswer {
    const query = new URL(path, 'http://model').searchParams;
    const { pageSize, takesSize, hasCount } = this.habits;
    if (query.has('$pagesize') && !takesSize) return answered(400, { code: '400-101' });
    const number = Number(query.get('$pagenum') ?? 1);
    const all = this.inOrder(kind);
    const items = all.slice((number - 1) * pageSize, number * pageSize).map((standing) => this.shown(standing));
    const info = hasCount ? { paginationInfo: { count: all.length } } : {};
    return answered(200, { ...info, [EGAIN_KINDS[kind].name]: items });
  }

  private inOrder(kind: Kind): Standing[] {
    const all = this.standing(kind);
    const { order } = this.habits;
    if (order === 'newest') return all.reverse();
    return order === 'oldest' ? all : all.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  private shown({ id, name, createdAt, modifiedAt }: Standing): Record<string, string> {
    const time = (at: number): string => new Date(BEGINNING + at).toISOString();
    return { id, name, ...(this.habits.hasTimes ? { created: time(createdAt), modified: time(modifiedAt) } : {}) };
  }
}

/** An answer of the model's vendor, as its HTTP client would have read it. */
function answered(status: number, json: unknown): ApiAnswer {
  return { status, headers: {}, host: 'model', json, form: 'json', says: undefined };
}
