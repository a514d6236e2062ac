import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/** Where the site keeps the sources that documents link to. */
const SOURCE = 'source';

/**
 * The place of a document in the site. In the repository, documents stand beside what they describe.
 * @param path from the root of the repository
 */
export function pageOf(path: string): string {
  if (path === 'README.md') return 'index.md';
  if (path === 'libs/zmq-transport/README.md') return 'transport/index.md';
  const page = path
    .replace(/^docs\//, '')
    .replace(/^site\/api\//, 'api/')
    .replace(/^site\//, 'reference/')
    .replace(/^libs\/zmq-transport\//, 'transport/');
  return page.replace(/(^|\/)README\.md$/, '$1index.md').toLowerCase();
}

/**
 * Rewrites links that work in the repository to links that work in the site: a document becomes its page, and any other file
 * a copy of itself.
 */
export class RepositoryLinks {
  private readonly sources = new Set<string>();

  constructor(private readonly root: string) {}

  /** @throws for a link to a file that does not exist, which ends the build */
  readonly use = (md: MarkdownRenderer): void => {
    md.core.ruler.push('repository-links', ({ tokens, env }) => {
      const page = relative(this.root, String(env.realPath ?? env.path)).replaceAll(sep, '/');
      const links = tokens
        .flatMap(({ children }) => children ?? [])
        .filter(({ type }) => type === 'link_open');
      for (const link of links) link.attrSet('href', this.inSite(link.attrGet('href') ?? '', page));
    });
  };

  private inSite(href: string, page: string): string {
    if (/^(#|\/|[a-z]+:)/.test(href)) return href;
    const [path = '', fragment] = href.split('#');
    const target = posix.normalize(posix.join(posix.dirname(page), decodeURI(path)));
    if (!existsSync(join(this.root, target)) || statSync(join(this.root, target)).isDirectory()) {
      throw new Error(`${page} links to ${href}, which is no file`);
    }
    if (target.endsWith('.md')) return `/${pageOf(target)}${fragment === undefined ? '' : `#${fragment}`}`;
    this.sources.add(target);
    return `/${SOURCE}/${target}.txt`;
  }

  /** Copies the linked sources into the built site. As text: a browser shows it, whatever the file's own name. */
  copyInto(site: string): void {
    for (const source of this.sources) {
      const copy = join(site, SOURCE, `${source}.txt`);
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(join(this.root, source), copy);
    }
  }
}
