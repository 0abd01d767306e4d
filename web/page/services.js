/*
 * The table of services: found, ordered, a few dozen rows at a time however
 * many there are, and each opened for its details.
 */
import { row as barRow } from './bars.js';
import { find, make, say, set, state } from './dom.js';
import { details } from './service.js';
import { hueOf } from './marks.js';
import { small } from './plot.js';
import { history, rates, site, watch } from './site.js';
import { count, plural, rate, share } from './words.js';

const STEP = 40;
const RANK = { 'last-resort': 0, degraded: 1, healthy: 3 };

let limit = STEP, body, more, none, total;
const open = new Set();

const rank = (s) => (s.stale ? 0.5 : RANK[s.state] ?? 2);

function matches(s, words, kind) {
	const text = [s.service, s.zone, s.state,
		...s.split.map((p) => p.pool), ...s.sent.map((r) => r.region)]
	    .join(' ').toLowerCase();

	if (kind === 'unwell' && s.state === 'healthy' && !s.stale)
		return false;
	if (kind === 'overrides' && s.overrides.length === 0)
		return false;
	return words.every((word) => text.includes(word));
}

const ORDERS = {
	state: (a, b) => rank(a) - rank(b),
	rate: (a, b) => (b.answers_per_second ?? 0) -
	    (a.answers_per_second ?? 0),
	name: () => 0,
};

function chosen() {
	const words = find('filter').value.toLowerCase().split(/\s+/)
	    .filter((word) => word !== '');
	const order = ORDERS[find('order').value];

	return [...site.services.values()]
	    .filter((s) => matches(s, words, find('filter-state').value))
	    .sort((a, b) => order(a, b) || (a.service < b.service ? -1 : 1));
}

/* A pool among the others of its split: they have no colour of their own. */
const poolHue = (i) => `pool-${i % 4}`;

function splitCell(cell, s) {
	let at = 0;
	const ticks = s.split.slice(0, -1).map((p) => (at += p.now));

	if (s.split.length === 1) {
		cell.replaceChildren(make('span', { class: 'quiet' },
		    s.split[0].pool));
		return;
	}
	cell.replaceChildren(barRow(s.split.map((p, i) =>
	    ({ share: p.served ?? 0, hue: poolHue(i) })), ticks),
	    make('span', { class: 'under' },
		`${s.split.map((p) => share(p.served)).join(' / ')}`,
		make('span', { class: 'quiet' }, ` of ${s.split.map((p) =>
		    share(p.now)).join(' / ')}`)));
}

function sentCell(cell, s) {
	const sum = s.sent.reduce((n, r) => n + (r.answers_per_second ?? 0), 0);
	const most = [...s.sent].sort((a, b) =>
	    (b.answers_per_second ?? 0) - (a.answers_per_second ?? 0));

	if (sum === 0) {
		cell.replaceChildren(make('span', { class: 'quiet' },
		    'no answers'));
		return;
	}
	cell.replaceChildren(barRow(most.map((r) => ({
		share: (r.answers_per_second ?? 0) / sum,
		hue: hueOf(r.region) }))),
	    make('span', { class: 'under' }, `${most[0].region} ` +
		share(most[0].answers_per_second / sum) +
		(most.length > 1 && most[1].answers_per_second > 0 ?
		    `, ${most[1].region} ` +
		    share(most[1].answers_per_second / sum) : '')));
}

function upWords(s) {
	return `${count(s.up)} / ${count(s.endpoints)}`;
}

function ttlWords(s) {
	return s.ttl.used_s < s.ttl.max_s ?
	    `${s.ttl.used_s} s of ${s.ttl.max_s}` : `${s.ttl.used_s} s`;
}

/* What is said of each service of a zone steps back. */
function nameParts(name, zone) {
	const own = name.endsWith(`.${zone}`) ?
	    name.slice(0, -zone.length - 1) : name;

	return [make('span', {}, own), make('wbr'),
	    make('span', { class: 'zone' }, name.slice(own.length))];
}

function serviceRow(first) {
	const name = first.service;
	const how = state(), line = small(), number = make('span');
	const button = make('button', { type: 'button', class: 'opener',
	    'aria-expanded': 'false', click: toggle },
	    ...nameParts(name, first.zone));
	const marks = make('span', { class: 'marks' });
	const cells = { how: make('td', { class: 'how' }, how.node),
	    split: make('td', { class: 'wide-only' }),
	    sent: make('td', { class: 'mid-only' }),
	    up: make('td', { class: 'number' }),
	    ttl: make('td', { class: 'number mid-only' }) };
	const node = make('tr', { class: 'service' },
	    cells.how, make('th', { scope: 'row' }, button, marks),
	    make('td', { class: 'number rate' }, line.node, number),
	    cells.sent, cells.split, cells.up, cells.ttl);
	let opened = null;

	function toggle() {
		if (!open.delete(name))
			open.add(name);
		show();
	}

	function show() {
		const is = open.has(name);

		set(button, 'aria-expanded', is);
		if (is && opened === null) {
			opened = details(name);
			opened.update(site.services.get(name));
			node.after(opened.node);
		} else if (!is && opened !== null) {
			opened.node.remove();
			opened = null;
		}
	}

	return {
		node: { /* Two rows, of which one may be missing. */
			row: node,
			get pair() { return opened === null ? [node] :
			    [node, opened.node]; },
		},
		update(s) {
			how.update(s.stale ? 'stale' : s.state);
			set(node, 'data-state', s.state);
			say(marks, s.overrides.length > 0 ? 'by hand' : '');
			say(number, rate(s.answers_per_second));
			line.update(history.times, rates(s.service));
			sentCell(cells.sent, s);
			splitCell(cells.split, s);
			say(cells.up, upWords(s));
			set(cells.up, 'class', s.up < s.endpoints - s.drained ?
			    'number short' : 'number');
			say(cells.ttl, ttlWords(s));
			set(cells.ttl, 'class', s.ttl.used_s < s.ttl.max_s ?
			    'number mid-only short' : 'number mid-only');
			opened?.update(s);
		},
	};
}

/* Keeps the rows, each with its details below it, in the order of ${shown}. */
const rowsKept = new Map();

function keepRows(shown) {
	const wanted = new Set(shown.map((s) => s.service));
	let place = null;

	for (const [name, kept] of rowsKept)
		if (!wanted.has(name)) {
			kept.node.pair.forEach((node) => node.remove());
			rowsKept.delete(name);
			open.delete(name);
		}
	for (const s of shown) {
		if (!rowsKept.has(s.service))
			rowsKept.set(s.service, serviceRow(s));
		const kept = rowsKept.get(s.service);

		kept.update(s);
		for (const node of kept.node.pair) {
			const next = place === null ? body.firstChild :
			    place.nextSibling;

			if (node !== next)
				body.insertBefore(node, next);
			place = node;
		}
	}
}

function update() {
	const all = chosen();
	const shown = all.slice(0, limit);

	keepRows(shown);
	none.hidden = all.length > 0;
	say(none, site.services.size === 0 ?
	    (site.readMs.services === undefined ? 'Reading…' :
		'No services.') : 'No service is like that.');
	more.hidden = all.length <= limit;
	say(more, `Show ${Math.min(STEP, all.length - limit)} more`);
	say(total, all.length === site.services.size ?
	    `${count(shown.length)} of ${plural(all.length, 'service')}` :
	    `${count(shown.length)} of ${count(all.length)} that match, of ` +
	    plural(site.services.size, 'service'));
}

function updateNames() {
	const list = find('names');
	const names = [...site.services.keys()];

	if (list.children.length !== names.length)
		list.replaceChildren(...names.map((name) =>
		    make('option', { value: name })));
}

const HEADS = [['State', 'beside'], ['Service'], ['Answers/s', 'number'],
	['Sent to', 'mid-only'], ['Split, served of set', 'wide-only'],
	['Up', 'number'], ['TTL', 'number mid-only']];

export function startServices() {
	body = make('tbody');
	none = make('p', { class: 'none' });
	total = make('span', { class: 'quiet', role: 'status' });
	more = make('button', { type: 'button', click() {
		limit += STEP;
		update();
	} });
	find('services-table').append(make('table', { class: 'services' },
	    make('thead', {}, make('tr', {}, ...HEADS.map(([text, kind]) =>
		make('th', { scope: 'col', class: kind ?? null },
		    make('span', { class: 'word' }, text))))),
	    body), none, make('div', { class: 'tools end' }, total, more));
	for (const id of ['filter', 'filter-state', 'order'])
		find(id).addEventListener('input', () => {
			limit = STEP;
			update();
		});
	watch((what) => {
		if (what === 'services' || what === 'traffic')
			update();
		if (what === 'services')
			updateNames();
	});
}
