/*
 * What operators said and is in force, who and until when; and the ramps that
 * walk.
 */
import { find, keep, make, say } from './dom.js';
import { now, site, watch } from './site.js';
import { share, span, time } from './words.js';

/* text = whatWords(o): what is done to what. */
export function whatWords(o) {
	const value = o.value !== '' ? ` ${o.value}` : '';

	return `${o.action} ${o.kind} ${o.target}${value}`;
}

function untilWords(o) {
	return o.until_ms === null ? 'until somebody ends it' :
	    `until ${time(o.until_ms, now())}, ` +
	    `${span(o.until_ms - now())} left`;
}

/* text = overrideWords(o): all of one in a line. */
export const overrideWords = (o) => `${o.number}: ${whatWords(o)}, ` +
	`${o.author}, ${untilWords(o)}: ${o.reason || 'no reason given'}`;

function overrideItem() {
	const what = make('strong'), who = make('span'),
		why = make('span', { class: 'under quiet' });
	const node = make('li', {}, what, who, why);

	return { node, update(o) {
		say(what, whatWords(o));
		say(who, ` ${untilWords(o)}`);
		say(why, `${o.author}: ${o.reason || 'no reason given'} ` +
		    `(number ${o.number}, since ${time(o.at_ms, now())})`);
	} };
}

function rampItem() {
	const what = make('strong'), how = make('span'),
		why = make('span', { class: 'under quiet' });
	const node = make('li', {}, what, how, why);

	return { node, update(r) {
		say(what, `ramp ${r.service} to ${r.pool}`);
		say(how, ` ${r.state} at ${share(r.share)}` +
		    (r.next === null ? '' : `, ${share(r.next)} at ` +
			time(r.next_ms, now())));
		say(why, r.reason);
	} };
}

/* ramps(): those that services have by their files, and that are not done: rows
 * stay when a ramp leaves its file. */
export function ramps() {
	const planned = new Set([...site.services.values()].map((s) =>
	    `${s.zone} ${s.ramp}`));

	return site.ramps.filter((r) => r.state !== 'done' &&
	    planned.has(`${r.zone} ${r.made_for}`));
}

export function startOverrides() {
	const hand = make('ul', { class: 'plain' });
	const walking = make('ul', { class: 'plain' });
	const none = make('p', { class: 'none' },
	    'Nothing: all is as the files say.');

	find('overrides-list').append(none, hand, walking);
	watch((what) => {
		const mine = ramps();

		if (!['overrides', 'services', 'traffic'].includes(what))
			return;
		keep(hand, site.overrides, (o) => o.number, overrideItem);
		keep(walking, mine, (r) => `${r.zone} ${r.service}`,
		    rampItem);
		hand.hidden = site.overrides.length === 0;
		walking.hidden = mine.length === 0;
		none.hidden = !hand.hidden || !walking.hidden;
	});
}
