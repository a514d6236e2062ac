import {
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { KeyedPost } from './kept-answers.js';

const OWNER_ONLY = 0o600;
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
/** The file is rewritten once it is this many times as long as its useful part. */
const SLACK = 2;
const MIN_LENGTH = 1024 * 1024;

function lineOf(post: KeyedPost): string {
  return `${JSON.stringify(post)}\n`;
}

function isKeyedPost(value: unknown): value is KeyedPost {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['key', 'fingerprint'].every((name) => typeof (value as Record<string, unknown>)[name] === 'string') &&
    typeof (value as KeyedPost).atMs === 'number'
  );
}

/**
 * Keyed posts on the disk. It gets a line when a post begins, and another with the answer. Reading uses the last line of each
 * key, and skips a line that was cut off when the process ended.
 */
export class AnswersFile {
  private file: number;
  private length = 0;

  /** @throws the system's error when the file cannot be opened */
  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.file = this.open(path, 0);
  }

  read(): KeyedPost[] {
    const posts = new Map<string, KeyedPost>();
    const text = readFileSync(this.path, 'utf8');
    this.length = text.length;
    for (const line of text.split('\n')) {
      const post = parsed(line);
      if (post === undefined) continue;
      posts.delete(post.key);
      posts.set(post.key, post);
    }
    return [...posts.values()];
  }

  /** Call it before a post is handled: if a crash leaves only this line, the post may have been taken. */
  note(post: KeyedPost): void {
    this.append(lineOf(post));
  }

  /** Calls back when the answer is on the disk. */
  keep(post: KeyedPost, done: (error: Error | null) => void): void {
    this.append(lineOf(post));
    fdatasync(this.file, done);
  }

  /** Rewrites the file when most of it is obsolete. */
  tidy(posts: () => readonly KeyedPost[]): void {
    if (this.length < MIN_LENGTH) return;
    const text = posts().map(lineOf).join('');
    if (this.length < SLACK * text.length) return;
    const fresh = `${this.path}.new`;
    const file = this.open(fresh, O_TRUNC);
    writeSync(file, text);
    fsyncSync(file);
    renameSync(fresh, this.path);
    closeSync(this.file);
    this.file = file;
    this.length = text.length;
  }

  close(): void {
    closeSync(this.file);
  }

  private open(path: string, more: number): number {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | more, OWNER_ONLY);
  }

  private append(line: string): void {
    writeSync(this.file, line);
    this.length += line.length;
  }
}

function parsed(line: string): KeyedPost | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isKeyedPost(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
