/** What a widget has to know of the room it stands in: its size, whether it is in sight, and how fine the screen is. */

/**
 * @param {Element} element
 * @param {{changed: () => void, seen: (inSight: boolean) => void}} told changed: the size, or the pixels
 * @param {AbortSignal} signal
 */
export function watchRoom(element, { changed, seen }, signal) {
  const resized = new ResizeObserver(changed);
  resized.observe(element);
  const sight = new IntersectionObserver((entries) => seen(entries[entries.length - 1].isIntersecting));
  sight.observe(element);
  signal.addEventListener("abort", () => {
    resized.disconnect();
    sight.disconnect();
  });
  watchRatio(changed, signal);
}

/**
 * A media query answers for one ratio only, so each change asks anew.
 *
 * @param {() => void} changed
 * @param {AbortSignal} signal
 */
function watchRatio(changed, signal) {
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
    "change",
    () => {
      changed();
      watchRatio(changed, signal);
    },
    { signal, once: true },
  );
}
