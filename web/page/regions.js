/* The table of regions, which is the legend of the map too: mark, health,
 * endpoints, load, keep, answers a second. */
import { part } from './bars.js';
import { find, keep, make, say, state } from './dom.js';
import { loadOf } from './map.js';
import { hueOf, markOf } from './marks.js';
import { now, site, watch } from './site.js';
import { NOTHING, count, rate, share, time } from './words.js';

function underWords(r) {
	const words = [`${count(r.endpoints.up)} of ` +
	    `${count(r.endpoints.total)} up`];

	if (r.endpoints.drained > 0)
		words.push(`${count(r.endpoints.drained)} drained`);
	if (r.keep < 1)
		words.push(`keeps ${share(r.keep)}`);
	if (r.drained !== null)
		words.push(`drained by ${r.drained.author}` +
		    (r.drained.until_ms === null ? '' :
			` until ${time(r.drained.until_ms, now())}`));
	return words.join(', ');
}

function regionRow() {
	const mark = make('span', { 'aria-hidden': 'true' });
	const name = make('span'), under = make('span',
	    { class: 'under quiet' });
	const how = state();
	const load = make('td', { class: 'bar-cell' });
	const all = make('td', { class: 'number' });
	const node = make('tr', {},
	    make('th', { scope: 'row' }, mark, name, under),
	    make('td', { class: 'how' }, how.node), load, all);

	return { node, update(r) {
		const part_ = loadOf(r);

		mark.className = `tag ${hueOf(r.region)}`;
		say(mark, markOf(r.region).letter);
		say(name, r.region);
		say(under, underWords(r));
		how.update(r.health);
		load.replaceChildren(...(part_ === null ?
		    [make('span', { class: 'quiet' }, NOTHING)] :
		    [part(part_), make('span', { class: 'under' },
			share(part_))]));
		say(all, rate(r.answers_per_second));
	} };
}

export function startRegions() {
	const body = make('tbody');

	find('regions-table').append(make('table', {}, make('thead', {},
	    make('tr', {}, make('th', { scope: 'col' }, 'Region'),
		make('th', { scope: 'col', class: 'beside' },
		    make('span', { class: 'word' },
		'Health')),
		make('th', { scope: 'col' }, 'Load'),
		make('th', { scope: 'col', class: 'number' }, 'Answers/s'))),
	    body));
	watch((what) => {
		if (what === 'regions')
			keep(body, site.regions, (r) => r.region, regionRow);
	});
}
