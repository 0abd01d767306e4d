/*
 * The mark of each region: a letter and a colour, the same on the map, in bars
 * and in tables.  Colours are told apart by people who see few of them; the
 * letter says it without any.
 */
import { make } from './dom.js';
import { site } from './site.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/* As many as page.css has; beyond, they come again as stripes. */
const HUES = 8;

let known = '', marks = new Map();

function makeMarks() {
	const names = site.regions.map((r) => r.region);
	const key = names.join('\n');

	if (key === known)
		return;
	known = key;
	marks = new Map(names.map((name, i) => [name, {
		letter: LETTERS[i % 26] + (i < 26 ? '' : Math.floor(i / 26) + 1),
		hue: `hue-${i % HUES}`,
		hueIndex: i % HUES,
		striped: Math.floor(i / HUES) % 2 === 1,
	}]));
}

/* mark = markOf(region) */
export function markOf(region) {
	makeMarks();
	return marks.get(region) ??
	    { letter: '·', hue: 'hue-none', hueIndex: 0, striped: false };
}

/* The classes of something in the region's colour. */
export const hueOf = (region) => {
	const mark = markOf(region);

	return mark.striped ? `${mark.hue} striped` : mark.hue;
};

/* The letter in its colour, for before the region's name. */
export const tag = (region) =>
	make('span', { class: `tag ${hueOf(region)}`, 'aria-hidden': 'true' },
	    markOf(region).letter);
