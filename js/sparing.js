/** Calls that follow each other fast: the first at once, then one a while, and always the last. */

/**
 * @param {() => void} call
 * @param {number} pause milliseconds between two calls
 * @param {AbortSignal} signal
 * @returns {() => void}
 */
export function sparing(call, pause, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isAsked = false;
  const rest = () => {
    timer = undefined;
    if (isAsked) act();
  };
  const act = () => {
    isAsked = false;
    call();
    timer = setTimeout(rest, pause);
  };
  signal.addEventListener("abort", () => clearTimeout(timer));
  return () => {
    isAsked = true;
    if (timer === undefined) act();
  };
}
