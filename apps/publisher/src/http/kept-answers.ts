/** What was answered to a post, as it left. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A post with a key. It is under way until its answer is known. */
export interface KeyedPost {
  readonly key: string;
  /** Of all that the post asked for: the same key with another one is a mistake. */
  readonly fingerprint: string;
  /** When its answer, or else the post itself, was there: unix epoch milliseconds. */
  readonly atMs: number;
  /** Undefined while it is under way, and for one that was when its process ended. */
  readonly answer?: KeptAnswer | undefined;
}

interface Entry {
  post: KeyedPost;
  bytes: number;
  /** Posts with the same key that wait for the answer; undefined once it is known, or never will be. */
  waiting: ((answer: KeptAnswer) => void)[] | undefined;
}

/** What an entry costs beside its texts. */
const ENTRY_BYTES = 512;

/**
 * The answers to the posts of late, by their keys: each is kept for `keptMs`, and all of them within `maxBytes`. When they
 * need more, the oldest go first; posts that are under way never do.
 */
export class KeptAnswers {
  /** By the time of their answers: a map keeps the order in which keys were put in. */
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;
  /** Answers that had to go before their time. */
  evicted = 0;

  constructor(
    private readonly keptMs: number,
    private readonly maxBytes: number,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Answers that are kept, the newest last. */
  get posts(): KeyedPost[] {
    this.expire();
    return [...this.entries.values()].map(({ post }) => post);
  }

  find(key: string): KeyedPost | undefined {
    this.expire();
    return this.entries.get(key)?.post;
  }

  /** Begins a post; its key must not be known. */
  begin(key: string, fingerprint: string): KeyedPost {
    const post = { key, fingerprint, atMs: this.nowMs() };
    this.put(post, []);
    return post;
  }

  /** Takes over what an earlier process kept. */
  restore(post: KeyedPost): void {
    this.remove(post.key);
    this.put(post, undefined);
    this.evict();
  }

  /** Calls back with the answer; false when nobody will ever know it. */
  onAnswered(key: string, callback: (answer: KeptAnswer) => void): boolean {
    const entry = this.entries.get(key);
    if (entry?.post.answer !== undefined) callback(entry.post.answer);
    else if (entry?.waiting === undefined) return false;
    else entry.waiting.push(callback);
    return true;
  }

  /** The answer is known. `keep` is false for one after which the post may be made again. */
  finish({ key, fingerprint }: KeyedPost, answer: KeptAnswer, keep: boolean): void {
    const waiting = this.entries.get(key)?.waiting ?? [];
    this.remove(key);
    if (keep) this.put({ key, fingerprint, atMs: this.nowMs(), answer }, undefined);
    this.evict();
    for (const callback of waiting) callback(answer);
  }

  private put(post: KeyedPost, waiting: Entry['waiting']): void {
    const texts = post.answer === undefined ? '' : post.answer.body + JSON.stringify(post.answer.headers);
    const bytes = ENTRY_BYTES + 2 * (post.key.length + texts.length);
    this.entries.set(post.key, { post, bytes, waiting });
    this.bytes += bytes;
  }

  private remove(key: string): void {
    this.bytes -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }

  private expire(): void {
    const oldestMs = this.nowMs() - this.keptMs;
    for (const [key, { post, waiting }] of this.entries) {
      if (post.atMs > oldestMs) return;
      if (waiting === undefined) this.remove(key);
    }
  }

  private evict(): void {
    for (const [key, { waiting }] of this.entries) {
      if (this.bytes <= this.maxBytes) return;
      if (waiting !== undefined) continue;
      this.remove(key);
      this.evicted += 1;
    }
  }
}
