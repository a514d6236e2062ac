/** The page's look; no colour carries meaning alone. */
export const PAGE_STYLE = `:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
form { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: end; }
label { display: grid; gap: 0.25rem; }
input, button { font: inherit; min-height: 2.5rem; padding: 0.25rem 1rem; }
#notice { border-left: 0.4rem solid #b45309; padding: 0.5rem 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.25rem 0.5rem; border-bottom: 1px solid #8886; font-variant-numeric: tabular-nums; }
`;
