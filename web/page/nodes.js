/* The nodes that share with this one: link, age, and which of them would answer
 * differently.  Nothing is shown where nothing is shared. */
import { find, keep, make, say, state } from './dom.js';
import { now, site, watch } from './site.js';
import { plural, span, time } from './words.js';

/* What people call the parts that nodes are to have in common. */
const PARTS = { version: 'version', zones: 'zones', steering: 'steering',
	presets: 'presets', geography: 'geography', latency: 'round trips' };

function linkWords(s) {
	const heard = `${s.heard} of ${plural(s.nodes, 'node')} heard`;
	const words = s.link === 'cut' ?
	    `Cut off since ${time(s.cut_ms, now())}` :
	    s.link === 'ended' ? 'meridian-share does not run, or cannot ' +
		'write the state database' : 'Linked';

	return `${words}, ${heard}${s.trouble === null ? '' :
		`: ${s.trouble}`}`;
}

function stateOf(n) {
	if (n.cut_ms !== null)
		return ['stale', 'cut off'];
	if (n.silent)
		return ['stale', 'silent'];
	if (n.link !== null)
		return ['degraded', 'troubled'];
	return n.differs.length > 0 ? ['degraded', 'different'] :
	    ['fresh', 'linked'];
}

/* The pools that a node controls for all; the first few. */
function controlWords(locks) {
	const named = locks.slice(0, 3).map((l) => `${l.pool} of ${l.zone}`);
	const more = locks.length - named.length;

	return named.length === 0 ? '' : `controls ${named.join(', ')}` +
	    (more > 0 ? ` and ${more} more` : '');
}

function nodeRow() {
	const name = make('span'), under = make('span',
	    { class: 'under quiet' });
	const why = make('span', { class: 'under quiet' });
	const controls = make('span', { class: 'under quiet' });
	const how = state();
	const age = make('td', { class: 'number' });
	const node = make('tr', {},
	    make('th', { scope: 'row' }, name, under, controls, why),
	    make('td', {}, how.node), age);

	return { node, update(n) {
		say(name, n.node);
		say(under, [n.this ? 'this one' : null,
			`in ${n.region ?? 'no region'}`,
			n.version === null ? null : `version ${n.version}`]
			.filter((word) => word !== null).join(', '));
		say(controls, controlWords(n.locks));
		how.update(...stateOf(n));
		say(why, n.link ?? (n.differs.length === 0 ? '' :
			`other ${n.differs.map((p) => PARTS[p] ?? p)
				.join(', ')}`));
		say(age, `${span(n.age_ms + performance.now() -
			site.readMs.nodes)} ago`);
	} };
}

export function startNodes() {
	const body = make('tbody');

	find('nodes-table').append(make('table', {}, make('thead', {},
	    make('tr', {}, make('th', { scope: 'col' }, 'Node'),
		make('th', { scope: 'col' }, 'State'),
		make('th', { scope: 'col', class: 'number' }, 'Heard'))),
	    body));
	const show = () => {
		find('nodes').hidden = site.share === null;
		if (site.share === null)
			return;
		say(find('nodes-link'), linkWords(site.share));
		keep(body, site.nodes, (n) => n.node, nodeRow);
	};

	watch((what) => {
		if (what === 'nodes')
			show();
	});
	/* They grow older whether something is heard or not. */
	setInterval(show, 1000);
}
