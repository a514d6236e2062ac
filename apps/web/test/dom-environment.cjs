const { TestEnvironment } = require('jest-environment-node');
const { Window } = require('happy-dom');

/** What React and Testing Library look for as globals. */
const NAMES = [
  'document',
  'navigator',
  'localStorage',
  'sessionStorage',
  'Node',
  'NodeFilter',
  'Element',
  'HTMLElement',
  'HTMLIFrameElement',
  'HTMLInputElement',
  'SVGElement',
  'DocumentFragment',
  'Event',
  'KeyboardEvent',
  'MouseEvent',
  'CustomEvent',
  'MutationObserver',
  'ResizeObserver',
  'getComputedStyle',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'matchMedia',
];

/** Node's environment with the document of happy-dom: jsdom would need Node 22. */
module.exports = class DomEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.dom = new Window({ url: 'http://desk.localhost/' });
    this.global.window = this.dom;
    for (const name of NAMES) {
      const value = this.dom[name];
      const isPlain = typeof value === 'function' && !/^[A-Z]/.test(name);
      Object.defineProperty(this.global, name, {
        value: isPlain ? value.bind(this.dom) : value,
        configurable: true,
      });
    }
    this.global.IS_REACT_ACT_ENVIRONMENT = true;
  }

  async teardown() {
    await this.dom.happyDOM.close();
    await super.teardown();
  }
};
