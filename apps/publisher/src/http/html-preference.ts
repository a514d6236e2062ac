const HTML = 'text/html';
const JSON_TYPES = new Set(['application/json', 'application/*']);

/** The quality value of a media range; 1 without one, 0 ("never") when it cannot be read. */
function qualityOf(parameters: string[]): number {
  const given = parameters.map((part) => part.trim()).find((part) => part.startsWith('q='));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return Number.isFinite(quality) ? quality : 0;
}

/**
 * True when `Accept` names HTML and does not prefer JSON, as a browser that submits a form. Programs name JSON, any type or
 * nothing.
 */
export function prefersHtml(accept: string | undefined): boolean {
  // Programs do not name HTML, so their header needs no parsing.
  if (accept === undefined || !accept.includes(HTML)) return false;
  let html = 0;
  let json = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';');
    const name = type.trim().toLowerCase();
    if (name === HTML) html = qualityOf(parameters);
    else if (JSON_TYPES.has(name)) json = Math.max(json, qualityOf(parameters));
  }
  return html > 0 && html >= json;
}
