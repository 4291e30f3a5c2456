/** Numbers and names as they stand on screen. A true minus sign, figures that don't dance. */

const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** @param {number} value */
export function count(value) {
  return GROUPED.format(value);
}

/**
 * @param {number} value
 * @param {number} digits after the point
 */
export function fixed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * @param {number} value
 * @param {number} digits
 */
export function signed(value, digits) {
  const text = fixed(value, digits);
  return text.startsWith("−") || Number(text) === 0 ? text : `+${text}`;
}

/**
 * As few digits as tell the number.
 *
 * @param {number} value
 */
export function plain(value) {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

/** @param {number} share of 1 */
export function percent(share) {
  const value = share * 100;
  return `${value >= 10 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(1) : value.toPrecision(1)}%`;
}

/** @param {number} rate ratings a second */
export function perSecond(rate) {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)}M ratings/s`;
  if (rate >= 1e4) return `${Math.round(rate / 1e3)}k ratings/s`;
  return `${count(rate)} ratings/s`;
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/**
 * A data column's name as a noun: "user_id" is "user", "movieId" is "movie".
 *
 * @param {string} column
 */
export function noun(column) {
  return column.replace(/([_ ](id|ID|Id)|(?<=[a-z])I[dD])$/, "").replaceAll("_", " ") || column;
}

/**
 * "Godfather: Part II, The (1974)" as it is spoken, without its article for tight places, and its year.
 *
 * @param {string} title
 * @returns {{name: string, short: string, year: string}}
 */
export function titleParts(title) {
  const dated = /^(.*\S)\s+\((\d{4})\)\s*$/s.exec(title);
  const whole = dated ? dated[1] : title.trim();
  const turned = /^(.*), (The|An?)$/s.exec(whole);
  return {
    name: turned ? `${turned[2]} ${turned[1]}` : whole,
    short: turned ? turned[1] : whole,
    year: dated ? dated[2] : "",
  };
}
