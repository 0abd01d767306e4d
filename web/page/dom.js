/*
 * Builds and changes what is seen, for all modules of the page.  What comes
 * from the server becomes text or the value of an attribute, never markup.
 */
const SVG = 'http://www.w3.org/2000/svg';

function dress(node, attributes, children) {
	for (const [name, value] of Object.entries(attributes)) {
		if (typeof value === 'function')
			node.addEventListener(name, value);
		else if (value !== null && value !== undefined && value !== false)
			node.setAttribute(name, value === true ? '' : value);
	}
	node.append(...children.filter((child) => child !== null));
	return node;
}

/* make(name, attributes, ...children): an element; an attribute that is a
 * function listens to the event of its name. */
export const make = (name, attributes = {}, ...children) =>
	dress(document.createElement(name), attributes, children);

/* The same, of a drawing. */
export const draw = (name, attributes = {}, ...children) =>
	dress(document.createElementNS(SVG, name), attributes, children);

/* node = find(id): it is there, or the page is broken. */
export const find = (id) => document.getElementById(id);

/* say(node, text): what a reader of the screen already knows stays as it is. */
export function say(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

/* set(node, name, value): an attribute; null takes it away. */
export function set(node, name, value) {
	if (value === null)
		node.removeAttribute(name);
	else if (node.getAttribute(name) !== String(value))
		node.setAttribute(name, value);
}

/* style(node, name, value): a custom property of CSS, for a size that the data
 * gives. */
export const style = (node, name, value) =>
	node.style.setProperty(name, value);

/*
 * keep(parent, items, keyOf, create): one child for each item, in their order:
 * those that were there stay, so that focus and selection do too.  create(item)
 * gives { node, update(item) }.
 */
export function keep(parent, items, keyOf, create) {
	const before = parent.kept ?? new Map(), after = new Map();
	let place = null;

	for (const item of items) {
		const key = keyOf(item);

		if (!after.has(key))
			after.set(key, before.get(key) ?? create(item));
		after.get(key).update(item);
	}
	for (const [key, child] of before)
		if (!after.has(key))
			child.node.remove();
	for (const child of after.values()) {
		const next = place === null ? parent.firstChild :
		    place.nextSibling;

		if (child.node !== next)
			parent.insertBefore(child.node, next);
		place = child.node;
	}
	parent.kept = after;
}

const SHAPES = {
	up: () => [draw('circle', { cx: 8, cy: 8, r: 5 })],
	part: () => [draw('circle', { cx: 8, cy: 8, r: 5.5, class: 'hollow' }),
	    draw('path', { d: 'M8 2.5a5.5 5.5 0 0 0 0 11z' })],
	down: () => [draw('path', { d: 'M3.5 3.5l9 9m0-9l-9 9',
	    class: 'stroke' })],
	drained: () => [draw('path', { d: 'M5 3v10M11 3v10',
	    class: 'stroke' })],
	unknown: () => [draw('circle', { cx: 8, cy: 8, r: 5, class: 'dotted' })],
	alert: () => [draw('path', { d: 'M8 1.5l7 12.5H1z' }),
	    draw('path', { d: 'M8 6v4m0 1.6v1', class: 'cut' })],
};

/* Which shape and which tone a word of the server has. */
const SIGNS = {
	up: ['up', 'good'], healthy: ['up', 'good'], fresh: ['up', 'good'],
	degraded: ['part', 'fair'], known: ['part', 'fair'],
	blind: ['alert', 'fair'],
	down: ['down', 'bad'], 'last-resort': ['alert', 'bad'],
	stale: ['alert', 'bad'],
	drained: ['drained', 'calm'], ended: ['drained', 'calm'],
};

/* shape(word): the drawing alone, 16 by 16, for a place that says the word
 * itself. */
export function shape(word) {
	const [name, tone] = SIGNS[word] ?? ['unknown', 'calm'];

	return draw('svg', { class: `sign ${tone}`, viewBox: '0 0 16 16',
	    'aria-hidden': 'true' }, ...SHAPES[name]());
}

/* state(): a word with its shape; update(word) makes it another. */
export function state() {
	const node = make('span', { class: 'state' });
	let last = null;

	return { node, update(word, text = word.replace('-', ' ')) {
		if (last !== word + text) {
			node.replaceChildren(shape(word),
			    make('span', {}, text));
			last = word + text;
		}
	} };
}
