import { useEffect, useState } from 'react';
import { askJson, ProblemError } from '../net/problem-error.js';

/** The addresses that the page links to. */
export interface PageSettings {
  readonly sidecarUrl: string;
  readonly prometheusUrl?: string;
  readonly grafanaUrl?: string;
}

let asked: Promise<PageSettings> | undefined;

async function askOnce(): Promise<PageSettings | undefined> {
  asked ??= askJson<PageSettings>('page/settings');
  try {
    return await asked;
  } catch (error) {
    asked = undefined;
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

/** The publisher's settings; undefined until it has answered. */
export function usePageSettings(): PageSettings | undefined {
  const [settings, setSettings] = useState<PageSettings>();
  useEffect(() => {
    let isGone = false;
    void askOnce().then((found) => !isGone && setSettings(found));
    return () => {
      isGone = true;
    };
  }, []);
  return settings;
}
