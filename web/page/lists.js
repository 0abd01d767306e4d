/* Vantages and events: who looks at the endpoints, and what they saw change. */
import { find, keep, make, say, state } from './dom.js';
import { now, readOlder, site, watch } from './site.js';
import { NOTHING, span, time } from './words.js';

const STEP = 8;

function vantageRow() {
	const name = make('th', { scope: 'row' });
	const how = state(), age = make('td', { class: 'number' });
	const node = make('tr', {}, name, make('td', {}, how.node), age);

	return { node, update(v) {
		/* Of another node: its lease, whatever its own probe does. */
		const word = v.ended && v.node === null ? 'ended' :
		    v.blind ? 'blind' : v.state;

		name.replaceChildren(v.vantage, make('span',
		    { class: 'under quiet' }, `in ${v.region ?? 'no region'}` +
		    (v.version ? `, version ${v.version}` : '')));
		how.update(word);
		say(age, v.age_ms === null ? NOTHING :
		    `${span(v.age_ms + performance.now() -
			site.readMs.vantages)} ago`);
	} };
}

function startVantages() {
	const body = make('tbody');
	const none = make('p', { class: 'none' },
	    'None was heard of: nobody checks the endpoints.');
	const table = make('table', {}, make('thead', {}, make('tr', {},
	    make('th', { scope: 'col' }, 'Vantage'),
	    make('th', { scope: 'col' }, 'State'),
	    make('th', { scope: 'col', class: 'number' }, 'Heard'))), body);

	find('vantages-table').append(table, none);
	const show = () => {
		if (site.readMs.vantages === undefined)
			return;
		keep(body, site.vantages, (v) => v.vantage, vantageRow);
		table.hidden = site.vantages.length === 0;
		none.hidden = !table.hidden;
	};

	none.hidden = true;
	watch((what) => {
		if (what === 'vantages')
			show();
	});
	/* They grow older whether something is heard or not. */
	setInterval(show, 1000);
}

/* Of a ramp, which has no health: its reason begins with its service. */
const rampWords = (e) => [make('strong', {}, e.pool), ' canary',
	make('span', { class: 'under quiet' }, e.reason)];

function healthWords(e) {
	const before = state(), after = state();

	before.update(e.before);
	after.update(e.after);
	return [make('strong', {}, e.endpoint), ` of ${e.pool}`,
		make('span', { class: 'turn' }, before.node,
		    make('span', { 'aria-label': 'to' }, '→'), after.node),
		make('span', { class: 'under quiet' },
		    [e.reason, e.vantage ? `seen by ${e.vantage}` : '']
			.filter((word) => word).join(', '))];
}

function eventItem(e) {
	const at = make('time', { datetime: new Date(e.at_ms).toISOString() });
	const node = make('li', {}, at, make('span', { class: 'what' },
	    ...(e.endpoint === '' ? rampWords(e) : healthWords(e))));

	return { node, update() {
		say(at, time(e.at_ms, now()));
	} };
}

function startEvents() {
	const list = make('ol', { class: 'events' });
	const none = make('p', { class: 'none' }, 'None yet.');
	const failed = make('p', { class: 'none' });
	let limit = STEP;
	const more = make('button', { type: 'button', async click() {
		limit += 50;
		try {
			if (limit > site.events.length && site.older !== null)
				await readOlder();
		} catch (error) {
			say(failed, `Not read: ${error.message}`);
		}
		show();
	} }, 'Older events');

	function show() {
		keep(list, site.events.slice(0, limit), (e) => e.sequence,
		    eventItem);
		none.hidden = site.events.length > 0;
		more.hidden = site.events.length <= limit &&
		    site.older === null;
	}

	find('events-list').append(list, none, failed, more);
	watch((what) => {
		if (what === 'events')
			show();
	});
	show();
}

export function startLists() {
	startVantages();
	startEvents();
}
