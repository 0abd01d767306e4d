/*
 * Draws rates over time: a small line for a row of a table, and a plot with
 * axes for one service.
 */
import { draw, make } from './dom.js';
import { rate, span } from './words.js';

/* Where nothing was read for so long, the line breaks. */
const BREAK_MS = 20000;
const SMALL = { width: 80, height: 20 };
const LARGE = { height: 150, left: 46, bottom: 22, top: 8, right: 6 };
/* So that its letters are as large as others, on a phone too. */
const largeWidth = () => (innerWidth < 768 ? 320 : 640);

/* [from, to): the pieces without a break. */
function pieces(times) {
	const out = [];
	let from = 0;

	for (let i = 1; i <= times.length; i++)
		if (i === times.length || times[i] - times[i - 1] > BREAK_MS) {
			out.push([from, i]);
			from = i;
		}
	return out;
}

function linePath(times, values, x, y) {
	let path = '';

	for (const [from, to] of pieces(times))
		for (let i = from; i < to; i++)
			path += `${i === from ? 'M' : 'L'}` +
			    `${x(times[i]).toFixed(1)} ${y(values[i]).toFixed(1)}`;
	return path;
}

/* small(): a line without numbers, beside one; update(times, values). */
export function small() {
	const { width, height } = SMALL;
	const line = draw('path', { class: 'line' });
	const node = draw('svg', { class: 'spark', 'aria-hidden': 'true',
	    viewBox: `0 0 ${width} ${height}` },
	    draw('path', { class: 'base', d: `M0 ${height - 1}H${width}` }),
	    line);

	return { node, update(times, values) {
		const end = times.at(-1) ?? 0;
		const start = Math.min(times[0] ?? 0, end - 60000);
		const most = Math.max(...values, 0.001);

		line.setAttribute('d', linePath(times, values,
		    (t) => (t - start) / (end - start) * width,
		    (v) => height - 2 - v / most * (height - 4)));
	} };
}

/* The least round number that is no less than one that is at least 1. */
function roundUp(value) {
	const unit = 10 ** Math.floor(Math.log10(value));

	return [1, 2, 4, 5, 10].map((n) => n * unit).find((n) => n >= value);
}

function axes(width, most, lengthMs) {
	const { height, left, right, top, bottom } = LARGE;
	const g = draw('g', { class: 'axes' });
	const low = height - bottom;

	for (const part of [0, 0.5, 1]) {
		const y = low - part * (low - top);

		g.append(draw('path', { d: `M${left} ${y}H${width - right}` }),
		    draw('text', { x: left - 6, y: y + 4,
			'text-anchor': 'end' }, rate(most * part)));
	}
	g.append(draw('text', { x: left, y: height - 5 },
	    `${span(lengthMs)} ago`),
	    draw('text', { x: width - right, y: height - 5,
		'text-anchor': 'end' }, 'now'));
	return g;
}

/*
 * node = large(times, lines): a plot of lines of { name, hue, values }, the
 * first of them the sum.
 */
export function large(times, lines) {
	const { height, left, right, top, bottom } = LARGE;
	const width = largeWidth();
	const end = times.at(-1), start = Math.min(times[0], end - 60000);
	const most = roundUp(Math.max(...lines.flatMap((l) => l.values), 1));
	const low = height - bottom;
	const x = (t) => left + (t - start) / (end - start) *
	    (width - left - right);
	const y = (v) => low - v / most * (low - top);
	const drawn = lines.map((l) => draw('path', {
		class: `line ${l.hue}`, d: linePath(times, l.values, x, y) }));

	return make('figure', { class: 'plot' },
	    draw('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img',
		'aria-label': `Answers a second over ${span(end - start)}: ` +
		    lines.map((l) => `${l.name} ${rate(l.values.at(-1))}`)
			.join(', ') },
	    axes(width, most, end - start), ...drawn.reverse()));
}
