/*
 * One service in detail, below its row: the plot, the split as set and as
 * served, what each region keeps, TTL, overrides, and its endpoints, a page of
 * them at a time.
 */
import { part } from './bars.js';
import { keep, make, say, state } from './dom.js';
import { ask } from './link.js';
import { hueOf, tag } from './marks.js';
import { overrideWords } from './overrides.js';
import { large } from './plot.js';
import { history, now, rates, site } from './site.js';
import { count, plural, rate, share, time } from './words.js';

const COLUMNS = 7;
const PAGE = 50;
/* As many as page.css has. */
const POOL_HUES = 4;

/* '#' before a name: of numbers; '!': of states, whose words a phone has no
 * room for. */
const KINDS = { '#': 'number', '!': 'beside' };

const head = (...names) => make('thead', {}, make('tr', {},
	...names.map((name) => make('th', { scope: 'col',
	    class: KINDS[name[0]] ?? null },
	    make('span', { class: 'word' }, name.replace(/^[#!]/, ''))))));

/* A part of the details under its title. */
const titled = (title, ...content) => make('div', { class: 'part' },
	make('h3', {}, title), ...content);

const number = (text) => make('td', { class: 'number' }, text);

function plotOf(s) {
	const lines = [{ name: 'all', hue: 'hue-all', values: rates(s.service) },
		...s.sent.map((r) => ({ name: r.region,
		    hue: hueOf(r.region), values: rates(s.service, r.region) }))];
	const drawn = lines.filter((l) => l.values.length > 0);

	return history.times.length < 2 ?
	    make('p', { class: 'quiet' }, 'A plot needs some seconds.') :
	    large(history.times, drawn);
}

function poolWords(p) {
	return [p.in_use ? 'in use' : 'not in use',
		p.standby ? 'from standby' : '',
		p.origin ? `from its origin ${p.origin}` : '']
	    .filter((word) => word !== '').join(', ');
}

function poolCell(p, i) {
	return make('th', { scope: 'row' },
	    make('span', { class: `swatch pool-${i % POOL_HUES}`,
		'aria-hidden': 'true' }), p.pool,
	    make('span', { class: 'under quiet' }, poolWords(p)));
}

function splitTable(s) {
	return make('table', {}, head('Pool', '#File', '#Now', '#Served',
	    '#Answers/s'),
	    make('tbody', {}, ...s.split.map((p, i) => make('tr', {},
		poolCell(p, i), number(share(p.set)),
		number(share(p.now)), number(share(p.served)),
		number(rate(p.answers_per_second))))));
}

function sentTable(s) {
	return make('table', {}, head('Region', '!State', '#Answers/s', 'Keeps'),
	    make('tbody', {}, ...s.sent.map((r) => {
		const how = state();

		how.update(r.usable);
		return make('tr', {},
		    make('th', { scope: 'row' }, tag(r.region), r.region),
		    make('td', { class: 'how' }, how.node),
		    number(rate(r.answers_per_second)),
		    make('td', { class: 'bar-cell' },
			part(r.keep, r.keep < 1 ? 'fair' : ''),
			make('span', { class: 'under' }, share(r.keep))));
	    })));
}

const fact = (name, text) => make('div', {}, make('dt', {}, name),
	make('dd', {}, text));

function facts(s) {
	return make('dl', { class: 'facts' },
	    fact('Since', `${time(s.since_ms, now())} UTC`),
	    fact('TTL', `${s.ttl.used_s} s in use, ${s.ttl.min_s} to ` +
		`${s.ttl.max_s} s by file`),
	    fact('Endpoints', `${count(s.up)} of ${count(s.endpoints)} up, ` +
		`${count(s.unchecked)} unchecked, ${count(s.drained)} drained`),
	    fact('Regions', `${s.regions_usable} of ${s.regions} usable`),
	    ...(s.last_resort === null ? [] : [fact('Last resort',
		`for ${s.last_resort.clients}: ${s.last_resort.answer}`)]));
}

function overrideList(s) {
	const mine = site.overrides.filter((o) => s.overrides.includes(o.number));

	return mine.length === 0 ? [] : [titled('Said by hand',
	    make('ul', { class: 'plain' }, ...mine.map((o) =>
		make('li', {}, overrideWords(o)))))];
}

/* --- endpoints */

function endpointRow() {
	const how = state();
	const cells = [make('th', { scope: 'row' }), make('td'), make('td'),
		number('')];
	const node = make('tr', {}, make('td', { class: 'how' }, how.node),
	    ...cells);

	return { node, update(e) {
		how.update(e.usable);
		say(cells[0], e.endpoint);
		say(cells[1], e.pool);
		cells[2].replaceChildren(tag(e.region), e.region);
		say(cells[3], count(e.weight));
	} };
}

function endpoints(name) {
	const body = make('tbody');
	const note = make('p', { class: 'quiet', role: 'status' });
	const usable = make('select', { change: () => again() },
	    ...['', 'down', 'drained', 'unchecked', 'up'].map((word) =>
		make('option', { value: word }, word === '' ? 'all' : word)));
	const next = make('button', { type: 'button', click: () => more() },
	    'More endpoints');
	let list = [], after = null;

	/* A page of the server may have few of them, or none, and go on. */
	async function readPage() {
		const wanted = list.length + PAGE;

		do {
			const page = await ask('endpoints', { service: name,
			    usable: usable.value, after,
			    limit: wanted - list.length });

			list = [...list, ...page.endpoints];
			after = page.next;
		} while (after !== null && list.length < wanted);
	}

	async function more() {
		try {
			await readPage();
			say(note, `${plural(list.length, 'endpoint')}` +
			    (after === null ? '' : ' so far') +
			    `, as of ${time(now(), now())}`);
		} catch (error) {
			say(note, `Not read: ${error.message}`);
		}
		next.hidden = after === null;
		keep(body, list, (e) => `${e.zone} ${e.pool} ${e.endpoint}`,
		    endpointRow);
	}

	function again() {
		list = [];
		after = null;
		return more();
	}

	const node = make('details', { class: 'more', toggle() {
		if (node.open)
			again();
	} }, make('summary', {}, 'Endpoints'),
	    make('div', { class: 'tools' }, make('label', {},
		make('span', { class: 'label' }, 'State'), usable), note),
	    make('table', {}, head('!State', 'Endpoint', 'Pool', 'Region',
		'#Weight'), body), next);
	return node;
}

/* details(name): the row below the row of a service. */
export function details(name) {
	const body = make('div', { class: 'detail' });
	const node = make('tr', { class: 'details' }, make('td',
	    { colspan: COLUMNS }, body, endpoints(name)));

	return { node, update(s) {
		body.replaceChildren(
		    make('div', {}, titled('Answers a second', plotOf(s)),
			titled('Split', splitTable(s)),
			titled('State', facts(s))),
		    make('div', {}, titled('Regions', sentTable(s)),
			...overrideList(s)));
	} };
}
