/*
 * The map: the land, countries in the colour of the region that most of their
 * clients are sent to, a line from each to its regions, and the regions with
 * health and load.  Its words are in the tables of regions and countries too.
 */
import { draw, find, keep, make, say, set, shape } from './dom.js';
import { hueOf, markOf, tag } from './marks.js';
import { site, watch } from './site.js';
import { count, country, plural, rate, share, span } from './words.js';
import { bow, outlines, place, world } from './world.js';

/* More lines than that are a cloud. */
const LINES = 80;
const ROWS = 20; /* of the table, at first */
/* The radius of a region's disc in pixels, and of the ring of its load. */
const DISC = 11, RING = 15.5;

const shapes = new Map();   /* of countries, by code */
let rows = ROWS;
const middles = new Map();
let lands, links, spots, box, tip;
let scale = 1;              /* units of the map to a pixel */

const traffic = () => site.countries?.rows ?? [];

/* [[region, rate]...], the most first. */
const sentTo = (row) => Object.entries(row.regions)
	.sort((a, b) => b[1] - a[1]);

function words(row) {
	const parts = sentTo(row).map(([region, n]) =>
	    `${region} ${share(n / Math.max(row.answers_per_second, 1e-9))}`);

	return `${country(row.country)}: ${rate(row.answers_per_second)} ` +
	    `answers/s to ${parts.slice(0, 4).join(', ')}`;
}

/* --- land */

function stripes() {
	const defs = draw('defs');

	for (let i = 0; i < 8; i++)
		defs.append(draw('pattern', { id: `stripes-${i}`, width: 6,
		    height: 6, patternUnits: 'userSpaceOnUse',
		    patternTransform: 'rotate(45)' },
		    draw('rect', { class: `hue-${i} fill`, width: 3,
			height: 6 })));
	return defs;
}

function drawLand(map) {
	for (const { code, at, path } of outlines(map)) {
		const node = path !== '' ?
		    draw('path', { d: path, class: 'land' }) :
		    draw('circle', { cx: at[0], cy: at[1], r: 1.6,
			class: 'land small' });

		if (code !== '' && !shapes.has(code)) {
			node.setAttribute('data-code', code);
			shapes.set(code, node);
			middles.set(code, at);
		}
		lands.append(node);
	}
}

function paintCountries() {
	const most = Math.max(...traffic().map((r) => r.answers_per_second), 1);
	const seen = new Set();

	for (const row of traffic()) {
		const node = shapes.get(row.country);
		const [region] = sentTo(row)[0] ?? [];

		if (node === undefined || region === undefined)
			continue;
		const mark = markOf(region);
		const strength = 0.28 + 0.5 *
		    Math.sqrt(row.answers_per_second / most);

		set(node, 'class', `land sent ${mark.hue}` +
		    (node.nodeName === 'circle' ? ' small' : ''));
		set(node, 'fill-opacity', strength.toFixed(2));
		set(node, 'fill', mark.striped ?
		    `url(#stripes-${mark.hueIndex})` : 'currentColor');
		seen.add(row.country);
	}
	for (const [code, node] of shapes)
		if (!seen.has(code) && node.classList.contains('sent')) {
			set(node, 'class', node.nodeName === 'circle' ?
			    'land small' : 'land');
			set(node, 'fill', null);
			set(node, 'fill-opacity', null);
		}
}

/* --- lines */

function placed() {
	return new Map(site.regions.filter((r) => r.latitude !== null)
	    .map((r) => [r.region, place(r.longitude, r.latitude)]));
}

function flows() {
	const at = placed(), out = [];

	for (const row of traffic())
		for (const [region, n] of sentTo(row))
			if (middles.has(row.country) && at.has(region) && n > 0)
				out.push({ key: `${row.country} ${region}`,
				    region, n, from: middles.get(row.country),
				    to: at.get(region) });
	return out.sort((a, b) => b.n - a.n).slice(0, LINES);
}

function drawLinks() {
	const all = flows(), most = all[0]?.n ?? 1;

	keep(links, all, (f) => f.key, () => {
		const node = draw('path');

		return { node, update(f) {
			set(node, 'd', bow(f.from, f.to));
			set(node, 'class', `flow ${markOf(f.region).hue}`);
			set(node, 'stroke-width',
			    (0.8 + 2.6 * Math.sqrt(f.n / most)).toFixed(2));
		} };
	});
}

/* --- regions */

/* Part of a circle, from the top clockwise. */
function arc(r, part) {
	const angle = 2 * Math.PI * Math.min(part, 0.9999);

	return `M0 ${-r}A${r} ${r} 0 ${part > 0.5 ? 1 : 0} 1 ` +
	    `${(r * Math.sin(angle)).toFixed(2)} ` +
	    `${(-r * Math.cos(angle)).toFixed(2)}`;
}

/* What of its target a region is loaded; null: not known. */
export const loadOf = (region) => region.load?.saturation ?? null;

function spot() {
	const ring = draw('circle', { r: RING, class: 'ring' });
	const load = draw('path', { class: 'load' });
	const letter = draw('text', { 'text-anchor': 'middle', y: 4,
	    class: 'letter' });
	const badge = draw('g', { class: 'badge',
	    transform: 'translate(6 4)' });
	const name = draw('text', { class: 'name' });
	const disc = draw('circle', { r: DISC, class: 'disc' });
	const node = draw('g', {}, ring, load, disc, letter, badge, name);
	let health = '';

	return { node, update(region) {
		const [x, y] = place(region.longitude, region.latitude);
		const part = loadOf(region);

		set(node, 'class', `spot ${markOf(region.region).hue}`);
		set(node, 'transform', `translate(${x.toFixed(1)} ` +
		    `${y.toFixed(1)}) scale(${scale.toFixed(3)})`);
		set(node, 'data-region', region.region);
		say(letter, markOf(region.region).letter);
		say(name, region.region);
		set(load, 'd', part === null ? '' : arc(RING, part));
		set(load, 'class', part > 1 ? 'load over' : 'load');
		if (health !== region.health) {
			health = region.health;
			badge.replaceChildren(...(health === 'up' ? [] : [
			    draw('circle', { cx: 7, cy: 7, r: 7.5,
				class: 'plate' }), small(health)]));
		}
	} };
}

function small(word) {
	const sign = shape(word);

	set(sign, 'width', 12);
	set(sign, 'height', 12);
	set(sign, 'x', 1);
	set(sign, 'y', 1);
	return sign;
}

/* Names go where no other name or disc is; on a small map, nowhere. */
function placeNames(shown) {
	const taken = shown.map((r) => {
		const [x, y] = place(r.longitude, r.latitude);

		return [x / scale - 18, y / scale - 18, 36, 36];
	});
	const free = ([x, y, w, h]) => x > 0 && x + w < world.width / scale &&
	    !taken.some(([a, b, c, d]) =>
	    x < a + c && a < x + w && y < b + d && b < y + h);

	shown.forEach((r) => {
		const name = spots.kept.get(r.region).node.lastChild;
		const [x, y] = place(r.longitude, r.latitude)
		    .map((n) => n / scale);
		const width = r.region.length * 7 + 4;
		const beside = box.clientWidth < 560 ? undefined : [
			[20, -8, 'start', 20, 4], [-20 - width, -8, 'end', -20, 4],
			[-width / 2, 19, 'middle', 0, 31],
			[-width / 2, -35, 'middle', 0, -23],
		].find(([dx, dy]) => free([x + dx, y + dy, width, 16]));

		set(name, 'visibility', beside === undefined ? 'hidden' : null);
		if (beside === undefined)
			return;
		taken.push([x + beside[0], y + beside[1], width, 16]);
		set(name, 'text-anchor', beside[2]);
		set(name, 'x', beside[3]);
		set(name, 'y', beside[4]);
	});
}

function drawSpots() {
	const shown = site.regions.filter((r) => r.latitude !== null);

	keep(spots, shown, (r) => r.region, spot);
	placeNames(shown);
}

/* --- what a pointer shows */

function regionWords(name) {
	const r = site.regions.find((x) => x.region === name);
	const load = loadOf(r);

	return `${name}: ${r.health}, ${count(r.endpoints.up)} of ` +
	    `${plural(r.endpoints.total, 'endpoint')} up, ` +
	    (load === null ? 'load not known' : `load ${share(load)}`) +
	    `, ${rate(r.answers_per_second)} answers/s`;
}

function wordsOf(target) {
	const region = target.closest('[data-region]');
	const land = target.closest('[data-code]');

	if (region !== null)
		return regionWords(region.dataset.region);
	if (land === null)
		return null;
	const row = traffic().find((r) => r.country === land.dataset.code);

	return row === undefined ?
	    `${country(land.dataset.code)}: no answers in the sample` :
	    words(row);
}

function point(event) {
	const text = wordsOf(event.target);
	const edge = box.getBoundingClientRect();

	tip.hidden = text === null;
	if (text === null)
		return;
	say(tip, text);
	const x = Math.min(Math.max(event.clientX - edge.left -
	    tip.offsetWidth / 2, 0), edge.width - tip.offsetWidth);

	tip.style.setProperty('left', `${x}px`);
	tip.style.setProperty('top', `${event.clientY - edge.top + 18}px`);
}

/* --- words below the map */

function key() {
	const mark = make('span', { 'aria-hidden': 'true' });
	const name = make('span'), how = make('span', { class: 'hidden' });
	const node = make('li', {}, mark, name, how);
	let health = null;

	return { node, update(r) {
		mark.className = `tag ${hueOf(r.region)}`;
		say(mark, markOf(r.region).letter);
		say(name, r.region);
		say(how, `, ${r.health}`);
		if (health !== r.health && health !== null)
			node.lastChild.remove();
		if (health !== r.health)
			node.append(shape(r.health));
		health = r.health;
	} };
}

function summary() {
	const c = site.countries;
	const by = site.regions.map((r) => `${r.region} ` +
	    `${rate(r.answers_per_second)}`).join(', ');

	set(box.firstChild, 'aria-label', 'World map. Regions with their ' +
	    `answers a second: ${by}. Details are in the tables of regions ` +
	    'and countries.');
	return c === null ? 'The ring around a region is its load, the sign its ' +
	    'health. Countries of clients are not known yet.' :
	    'A country has the colour of the region that most of its clients ' +
	    'are sent to; stronger is more answers. ' +
	    'The ring around a region is its load, the sign its health. ' +
	    (c.sampled_one_in === 1 ? 'Of all answers' :
		`A sample: one answer in ${count(c.sampled_one_in)}`) +
	    `, of the last ${span(c.window_ms)}.`;
}

function countryRow() {
	const name = make('th', { scope: 'row' });
	const all = make('td', { class: 'number' }), to = make('td');
	const node = make('tr', {}, name, all, to);

	return { node, update(row) {
		say(name, country(row.country));
		say(all, rate(row.answers_per_second));
		to.replaceChildren(...sentTo(row).slice(0, 5).map(
		    ([region, n]) => make('span', { class: 'sent' },
		    tag(region), `${region} ` +
		    share(n / Math.max(row.answers_per_second, 1e-9)))));
	} };
}

let body, moreRows;

function makeTable() {
	body = make('tbody');
	moreRows = make('button', { type: 'button', click() {
		rows += 50;
		drawTable();
	} });
	find('countries-table').append(make('table', {},
	    make('thead', {}, make('tr', {},
		make('th', { scope: 'col' }, 'Clients of'),
		make('th', { scope: 'col', class: 'number' }, 'Answers/s'),
		make('th', { scope: 'col' }, 'Sent to'))), body), moreRows);
}

function drawTable() {
	const all = [...traffic()].sort((a, b) =>
	    b.answers_per_second - a.answers_per_second);

	if (!find('countries').open)
		return;
	keep(body, all.slice(0, rows), (r) => r.country, countryRow);
	moreRows.hidden = all.length <= rows;
	say(moreRows, `Show more of ${all.length}`);
}

function update() {
	if (!site.regions.length && site.countries === null)
		return;
	paintCountries();
	drawLinks();
	drawSpots();
	keep(find('map-keys'), site.regions, (r) => r.region, key);
	say(find('map-legend'), summary());
	drawTable();
}

export function startMap() {
	box = find('world');
	lands = draw('g', { class: 'lands' });
	links = draw('g', { class: 'flows' });
	spots = draw('g', { class: 'spots' });
	tip = make('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' });
	box.append(draw('svg', { viewBox: `0 0 ${world.width} ${world.height}`,
	    role: 'img', 'aria-label': 'World map' }, stripes(), lands, links,
	    spots), tip);
	box.addEventListener('pointermove', point);
	box.addEventListener('pointerleave', () => { tip.hidden = true; });
	makeTable();
	find('countries').addEventListener('toggle', drawTable);
	new ResizeObserver(() => {
		scale = world.width / Math.max(box.clientWidth, 1) *
		    (box.clientWidth < 560 ? 0.8 : 1);
		drawSpots();
	}).observe(box);
	watch((what) => {
		if (what === 'regions' || what === 'traffic')
			update();
	});
	fetch('page/map.json').then((answer) => answer.json()).then((map) => {
		drawLand(map);
		update();
	});
}
