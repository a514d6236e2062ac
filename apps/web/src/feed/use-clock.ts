import { useEffect, useState } from 'react';

/** The time now in unix epoch seconds, renewed every `everyMs`. */
export function useClock(everyMs = 1000): number {
  const [nowSeconds, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowSeconds;
}
