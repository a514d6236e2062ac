/** The size of type that all other sizes are told for. */
const USUAL_PIXELS = 14;

/** The pixels of one rem: more on the widest screens. */
export function remPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || USUAL_PIXELS;
}

/** How much larger the type is than usual: what is drawn on a canvas grows with it. */
export function typeScale(): number {
  return remPixels() / USUAL_PIXELS;
}
