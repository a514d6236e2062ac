/** The answer to a post, as it was sent. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A post with a key. It is under way until its answer is known. */
export interface KeyedPost {
  readonly key: string;
  /** A hash of the whole post: the same key with another fingerprint is a mistake. */
  readonly fingerprint: string;
  /** When it was answered or, before that, when it came: unix epoch milliseconds. */
  readonly atMs: number;
  /** Undefined while the post is under way, and for a post that was under way when its process ended. */
  readonly answer?: KeptAnswer | undefined;
}

interface Entry {
  post: KeyedPost;
  bytes: number;
  /** Posts with the same key that wait for the answer; undefined once the answer is known, or can never be known. */
  waiting: ((answer: KeptAnswer) => void)[] | undefined;
}

/** What an entry costs in addition to its texts. */
const ENTRY_BYTES = 512;

/**
 * The latest answers, by the keys of their posts. Each is kept for `keptMs`, and all of them take at most `maxBytes`: the
 * oldest are evicted first. Posts that are under way are never evicted.
 */
export class KeptAnswers {
  /** Ordered by the time of the answer: a map keeps the order in which keys were added. */
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;
  /** Answers that were evicted before `keptMs` was over. */
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

  /** Begins a post whose key is not known yet. */
  begin(key: string, fingerprint: string): KeyedPost {
    const post = { key, fingerprint, atMs: this.nowMs() };
    this.put(post, []);
    return post;
  }

  /** Adds a post that an earlier process kept. */
  restore(post: KeyedPost): void {
    this.remove(post.key);
    this.put(post, undefined);
    this.evict();
  }

  /** Calls back with the answer; false when the answer can never be known. */
  onAnswered(key: string, callback: (answer: KeptAnswer) => void): boolean {
    const entry = this.entries.get(key);
    if (entry?.post.answer !== undefined) callback(entry.post.answer);
    else if (entry?.waiting === undefined) return false;
    else entry.waiting.push(callback);
    return true;
  }

  /** The answer is known. `keep` is false for an answer after which the same post may come again. */
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
