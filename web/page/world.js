/*
 * The world on a plane: Equal Earth, a projection that shows areas as large as
 * they are (Savric, Patterson, Jenny, 2018), and the outlines of map.json as
 * paths of it.  Knows nothing of regions or clients.
 */
const A = [1.340264, -0.081106, 0.000893, 0.003796];
const WIDTH = 1000;
/* The width of the world in the units of the projection. */
const SPAN = 5.41326;
/* No clients live further north or south. */
const NORTH = 83.7, SOUTH = -56;

function plane(longitude, latitude) {
	const t = Math.asin(Math.sqrt(3) / 2 *
	    Math.sin(latitude * Math.PI / 180));
	const t2 = t * t, t6 = t2 * t2 * t2;
	const slope = A[0] + 3 * A[1] * t2 + t6 * (7 * A[2] + 9 * A[3] * t2);
	const x = 2 * Math.sqrt(3) * longitude * Math.PI / 180 * Math.cos(t) /
	    (3 * slope);

	return [x, t * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2))];
}

const TOP = plane(0, NORTH)[1];

export const world = {
	width: WIDTH,
	height: Math.ceil((TOP - plane(0, SOUTH)[1]) * WIDTH / SPAN),
};

/* [x, y] = place(longitude, latitude): in the box of world.width by
 * world.height. */
export function place(longitude, latitude) {
	const [x, y] = plane(longitude, latitude);

	return [WIDTH / 2 + x * WIDTH / SPAN, (TOP - y) * WIDTH / SPAN];
}

const short = (n) => Math.round(n * 10) / 10;

/* [longitude, latitude] of each point of an arc. */
function points(arc, scale) {
	const out = [];
	let x = 0, y = 0;

	for (let i = 0; i < arc.length; i += 2) {
		x += arc[i];
		y += arc[i + 1];
		out.push([x / scale, y / scale]);
	}
	return out;
}

/* A ring that goes over the antimeridian goes on beyond it: the land stays in
 * one piece. */
function unwound(ring) {
	let turn = 0, before = ring[0][0];

	return ring.map(([longitude, latitude]) => {
		if (Math.abs(longitude - before) > 180)
			turn += longitude < before ? 360 : -360;
		before = longitude;
		return [longitude + turn, latitude];
	});
}

function ringPath(arcs, ring) {
	const all = [];

	ring.forEach((i, n) => {
		const arc = i < 0 ? [...arcs[~i]].reverse() : arcs[i];

		all.push(...(n > 0 ? arc.slice(1) : arc));
	});
	return `M${unwound(all).map((at) =>
	    place(...at).map(short).join(' ')).join('L')}Z`;
}

/* countries = outlines(map): of map.json: the code, the middle on the plane,
 * and the path, '' for one that is too small to see. */
export function outlines(map) {
	const arcs = map.arcs.map((arc) => points(arc, map.scale));

	return map.countries.map(([code, at, rings]) => ({
		code,
		at: place(at[0] / map.scale, at[1] / map.scale),
		path: rings.map((ring) => ringPath(arcs, ring)).join(''),
	}));
}

/* A line from one place to another that bends to the north, as flights do on
 * maps; bends less where there is no room. */
export function bow([ax, ay], [bx, by]) {
	const far = Math.hypot(bx - ax, by - ay);
	const y = Math.max(4, (ay + by) / 2 - far * 0.22);

	return `M${short(ax)} ${short(ay)}Q${short((ax + bx) / 2)} ${short(y)}` +
	    ` ${short(bx)} ${short(by)}`;
}
