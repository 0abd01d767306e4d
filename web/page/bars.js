/*
 * Bars for shares of 1: one share, and a row of them side by side.  The numbers
 * stand beside them as text; the bars are for the eye alone.
 */
import { make, style } from './dom.js';

/* part(share, tone): a bar that is full at 1; more is marked. */
export function part(share, tone = '') {
	const bar = make('span', { class: `bar ${tone} ` +
	    (share > 1 ? 'over' : ''), 'aria-hidden': 'true' },
	    make('span', {}));

	style(bar.firstChild, '--part', Math.min(share, 1));
	return bar;
}

/* row(shares): [{ share, hue }...] side by side; ticks are borders between
 * shares that were set, from 0 to 1. */
export function row(shares, ticks = []) {
	const bar = make('span', { class: 'bar row', 'aria-hidden': 'true' });

	for (const { share, hue } of shares) {
		const piece = make('span', { class: hue });

		style(piece, '--part', share);
		bar.append(piece);
	}
	for (const at of ticks) {
		const tick = make('i', {});

		style(tick, '--at', at);
		bar.append(tick);
	}
	return bar;
}
