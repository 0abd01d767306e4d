/*
 * Numbers, times and ages as people read them, for all modules of the page.
 * Times are UTC, as everywhere in Meridian.
 */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en',
    { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

export const NOTHING = '–';

export const count = (n) => whole.format(n);

/* Answers a second: three digits are enough to compare. */
export function rate(n) {
	if (n === null || n === undefined)
		return NOTHING;
	if (n === 0)
		return '0';
	if (n >= 1e6)
		return `${hundredths.format(n / 1e6)}\u00a0M`;
	if (n >= 1e4)
		return `${tenths.format(n / 1e3)}\u00a0k`;
	if (n > 0 && n < 0.05)
		return '<\u00a00.1';
	return n < 100 ? tenths.format(n) : whole.format(n);
}

/* A share of 1 as per cent. */
export function share(x) {
	if (x === null || x === undefined)
		return NOTHING;
	const percent = x * 100;

	if (percent > 0 && percent < 0.05)
		return '<\u00a00.1\u00a0%';
	return `${Number.isInteger(Math.round(percent * 100) / 100) ?
	    whole.format(percent) : tenths.format(percent)}\u00a0%`;
}

const UNITS = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];

/* How long, in its largest unit, with the next one while that is small. */
export function span(ms) {
	if (ms === null || ms === undefined)
		return NOTHING;
	const s = Math.max(0, Math.round(ms / 1000));

	for (let i = 0; i < UNITS.length; i++) {
		const [size, unit] = UNITS[i];
		const n = Math.floor(s / size);

		if (n === 0)
			continue;
		const rest = i + 1 < UNITS.length ?
		    Math.floor((s - n * size) / UNITS[i + 1][0]) : 0;

		return n < 10 && rest > 0 ?
		    `${n} ${unit} ${rest} ${UNITS[i + 1][1]}` : `${n} ${unit}`;
	}
	return '0 s';
}

const pad = (n) => String(n).padStart(2, '0');

/* 14:03:11, with the day before it when that is not today. */
export function time(ms, nowMs) {
	const at = new Date(ms), now = new Date(nowMs);
	const clock = `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:` +
	    pad(at.getUTCSeconds());
	const day = at.toISOString().slice(0, 10);

	return day === now.toISOString().slice(0, 10) ? clock :
	    `${day} ${clock}`;
}

let names = null;

/* The country of a code of two letters, in English. */
export function country(code) {
	if (code === '')
		return 'no country known';
	try {
		names ??= new Intl.DisplayNames(['en'], { type: 'region' });
		return names.of(code);
	} catch {
		return code;
	}
}

/* Whether it is none of a country of before, which has the name of what came
 * after it: DD is Germany, too. */
const ofToday = (code) =>
	Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;

/* code = codeOf(text): of a country that is named in English or is a code; null:
 * it is something else. */
export function codeOf(text) {
	if (/^[A-Za-z]{2}$/.test(text))
		return text.toUpperCase();
	if (/[:/0-9]/.test(text))
		return null;
	for (let a = 65; a <= 90; a++)
		for (let b = 65; b <= 90; b++) {
			const code = String.fromCharCode(a, b);

			if (country(code).toLowerCase() === text.toLowerCase() &&
			    ofToday(code))
				return code;
		}
	return null;
}

/* plural(1, 'service') */
export const plural = (n, word) => `${count(n)} ${word}${n === 1 ? '' : 's'}`;
