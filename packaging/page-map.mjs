/*
 * Makes web/page/map.json, the land and the countries of the status page, from
 * Natural Earth's public-domain outlines of 1:50,000,000.  Run by hand when
 * they are to be made anew; neither the build nor the page needs it.
 *
 *   npm install --no-save world-atlas@2.0.2 topojson-client@3.1.0 \
 *       topojson-simplify@3.0.3 i18n-iso-countries@7
 *   node packaging/page-map.mjs >web/page/map.json
 *
 * A border that two countries share is kept once.  Coordinates are hundredths
 * of a degree, longitude before latitude; each arc begins with a point, and
 * goes on with the steps from one point to the next.
 */
import { createRequire } from 'node:module';
import process from 'node:process';
import * as simplify from 'topojson-simplify';

const require = createRequire(process.cwd() + '/');
const world = require('world-atlas/countries-50m.json');
const iso = require('i18n-iso-countries');

/* Square degrees that a corner must span to stay: 0.04 is two pixels by two of
 * a map of 1,200 pixels. */
const CORNER = 0.04;
/* Islands below this are left out, unless they are all that a country has. */
const ISLAND = 0.25;
const SCALE = 100;
/* Codes of what has no number of ISO 3166-1. */
const OTHERS = { Kosovo: 'XK' };
/* No clients live there, and it would take a fifth of the map. */
const LEFT_OUT = 'AQ';

const round = (degrees) => Math.round(degrees * SCALE);

function codeOf(country) {
	if (country.id === undefined)
		return OTHERS[country.properties.name] ?? '';
	return iso.numericToAlpha2(country.id) ?? '';
}

function polygonsOf(geometry) {
	if (geometry.type === 'Polygon')
		return [geometry.arcs];
	return geometry.type === 'MultiPolygon' ? geometry.arcs : [];
}

function pointsOf(arcs, ring) {
	const points = [];

	for (const i of ring) {
		const arc = i < 0 ? [...arcs[~i]].reverse() : arcs[i];

		points.push(...arc.slice(points.length > 0 ? 1 : 0));
	}
	return points;
}

/* A ring that goes over the antimeridian goes on beyond it. */
function unwound(points) {
	let turn = 0, before = points[0][0];

	return points.map(([x, y]) => {
		if (Math.abs(x - before) > 180)
			turn += x < before ? 360 : -360;
		before = x;
		return [x + turn, y];
	});
}

/* The area and the middle of a ring. */
function middleOf(ring) {
	const points = unwound(ring);
	let twice = 0, x = 0, y = 0;

	for (let i = 0; i + 1 < points.length; i++) {
		const [ax, ay] = points[i], [bx, by] = points[i + 1];
		const cross = ax * by - bx * ay;

		twice += cross;
		x += (ax + bx) * cross;
		y += (ay + by) * cross;
	}
	if (twice === 0)
		return { area: 0, at: points[0] };
	return { area: Math.abs(twice / 2), at: [x / 3 / twice, y / 3 / twice] };
}

function make() {
	const full = simplify.presimplify(world);
	const coarse = simplify.simplify(full, CORNER);
	const used = new Map(), arcs = [], countries = [];
	const arcOf = (i) => {
		const at = i < 0 ? ~i : i;

		if (!used.has(at)) {
			used.set(at, arcs.length);
			arcs.push(coarse.arcs[at]);
		}
		return i < 0 ? ~used.get(at) : used.get(at);
	};

	world.objects.countries.geometries.forEach((exact, n) => {
		const code = codeOf(exact);
		const shape = coarse.objects.countries.geometries[n];
		const sizes = polygonsOf(exact).map((polygon) =>
		    middleOf(pointsOf(full.arcs, polygon[0])));
		const best = sizes.reduce((a, b) => (b.area > a.area ? b : a));
		const rings = [];

		if (code === LEFT_OUT)
			return;
		polygonsOf(shape).forEach((polygon, i) => {
			if (sizes[i].area < ISLAND)
				return;
			for (const ring of polygon)
				if (pointsOf(coarse.arcs, ring).length > 3)
					rings.push(ring.map(arcOf));
		});
		if (code !== '' || rings.length > 0)
			countries.push([code, best.at.map(round), rings]);
	});
	countries.sort((a, b) =>
	    (a[0] === b[0] ? b[2].length - a[2].length : a[0] < b[0] ? -1 : 1));
	/* Reefs of a country that have an entry of their own. */
	return { arcs, countries: countries.filter(([code, , rings], i) =>
	    rings.length > 0 || i === 0 || countries[i - 1][0] !== code) };
}

function steps(arc) {
	const out = [];
	let x = 0, y = 0;

	for (const point of arc) {
		const [nx, ny] = [round(point[0]), round(point[1])];

		if (out.length > 0 && nx === x && ny === y)
			continue;
		out.push(nx - x, ny - y);
		[x, y] = [nx, ny];
	}
	return out;
}

const { arcs, countries } = make();
const list = (items) => '[\n' + items.map((item) =>
    JSON.stringify(item)).join(',\n') + '\n]';

process.stdout.write(`{
"source": "Natural Earth 1:50,000,000, admin 0 countries, as published in the package world-atlas 2.0.2; simplified by packaging/page-map.mjs",
"licence": "public domain: https://www.naturalearthdata.com/about/terms-of-use/",
"scale": ${SCALE},
"arcs": ${list(arcs.map(steps))},
"countries": ${list(countries)}
}
`);
