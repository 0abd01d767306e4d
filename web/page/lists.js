/* Vantages and events: who looks at the endpoints, and what they saw change. */
import { find, keep, make, say, state } from './dom.js';
import { whatWords } from './overrides.js';
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

/* --- what was said by hand --- */

const REFUSED = 2;

const ends = (o) => o.action === 'undrain' || o.value === 'off' ||
    (o.action === 'canary' && o.value === 'again');

/* It says for all nodes that the length of another one is over. */
const endsLength = (o) => o.author === 'meridian-share' &&
    o.reason.startsWith('the length of override ');

const about = (o) => `${o.action === 'undrain' ? 'drain' : o.action} ` +
    `${o.kind} ${o.target}`;

/* When its length was over; null: it is not, something later ended it, or a row
 * of its own tells it. */
function overMs(o, later) {
	const until = o.at_ms + o.length_ms;

	if (o.length_ms === null || ends(o) || o.shared === REFUSED ||
	    until > now())
		return null;
	const next = later.find((x) => x.shared !== REFUSED &&
	    about(x) === about(o));

	return next !== undefined && (next.at_ms < until || endsLength(next)) ?
	    null : until;
}

const saidWhy = (o) => `${o.author}: ${o.reason || 'no reason given'} ` +
    `(override ${o.number})` + (o.shared === REFUSED ?
	`; refused by other nodes, and in force nowhere: ${o.refused}` : '');

/* Each saying, and each end that came by itself. */
function handEvents(rows) {
	return rows.flatMap((o, i) => {
		const over = overMs(o, rows.slice(i + 1));
		const key = o.id || o.number;
		const said = { key: `said ${key}`, at_ms: o.at_ms,
			what: whatWords(o), why: saidWhy(o) };

		return over === null ? [said] : [said, { key: `over ${key}`,
			at_ms: over, what: `${whatWords(o)} is over`,
			why: `the length of override ${o.number}` }];
	});
}

function handItem(e) {
	const at = make('time', { datetime: new Date(e.at_ms).toISOString() });
	const what = make('strong'), why = make('span',
	    { class: 'under quiet' });
	const node = make('li', {}, at, make('span', { class: 'what' }, what,
	    why));

	return { node, update(x) {
		say(at, time(x.at_ms, now()));
		say(what, x.what);
		say(why, x.why);
	} };
}

/* Events and what was said by hand since the oldest of them, the newest first. */
function allEvents() {
	const oldest = site.older === null ? -Infinity :
	    site.events.at(-1)?.at_ms ?? -Infinity;

	return [...site.events, ...handEvents(site.hand)
		.filter((e) => e.at_ms >= oldest)]
		.sort((a, b) => b.at_ms - a.at_ms ||
		    (b.sequence ?? 0) - (a.sequence ?? 0));
}

function startEvents() {
	const list = make('ol', { class: 'events' });
	const none = make('p', { class: 'none' }, 'None yet.');
	const failed = make('p', { class: 'none' });
	let limit = STEP;
	const more = make('button', { type: 'button', async click() {
		limit += 50;
		try {
			if (limit > allEvents().length && site.older !== null)
				await readOlder();
		} catch (error) {
			say(failed, `Not read: ${error.message}`);
		}
		show();
	} }, 'Older events');

	function show() {
		const all = allEvents();

		keep(list, all.slice(0, limit), (e) => e.key ?? e.sequence,
		    (e) => e.key === undefined ? eventItem(e) : handItem(e));
		none.hidden = all.length > 0;
		more.hidden = all.length <= limit && site.older === null;
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
