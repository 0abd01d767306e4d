/*
 * Explain: the way from a client to its answer, step by step with the reasons,
 * as the server would decide now.
 */
import { find, make, say } from './dom.js';
import { ask } from './link.js';
import { tag } from './marks.js';
import { now } from './site.js';
import { codeOf, country, plural, time } from './words.js';

const STEPS = {
	fence: 'Fence', usable: 'Usable', split: 'Split', rank: 'Rank',
	spill: 'Spill', pick: 'Pick', last_resort: 'Last resort',
	scope: 'Scope', ttl: 'TTL',
};

const nameOf = (step) => STEPS[step] ??
	step.charAt(0).toUpperCase() + step.slice(1).replace(/_/g, ' ');

function placeWords(place) {
	if (!place)
		return null;
	const parts = [place.city, place.country ? country(place.country) : null,
		place.asn ? `AS${place.asn}` : null,
		...(place.networks ?? []).map((n) => `network ${n}`)];

	return parts.filter(Boolean).join(', ') || 'no place known';
}

/* What comes back, large: the endpoint and its region. */
function answerWords(answer) {
	const list = answer.endpoints ?? [];
	const rest = [];

	/* A name that is not there has neither. */
	if (answer.ttl !== undefined)
		rest.push(`TTL ${answer.ttl} s`);
	if (answer.scope !== undefined)
		rest.push(`scope /${answer.scope}`);

	if (answer.last_resort)
		rest.push('last resort');
	if (answer.stale)
		rest.push('health is old');
	return make('div', { class: 'verdict' },
	    ...list.map((e) => make('p', {}, tag(e.region),
		make('strong', {}, e.endpoint), ` in ${e.region}, pool ` +
		`${e.pool}: `, make('span', { class: 'address' },
		    (e.addresses ?? []).join(', ') || e.target || ''))),
	    ...(list.length > 0 ? [] : [make('p', {},
		make('strong', {}, answer.kind))]),
	    make('p', { class: 'quiet' }, rest.join(', ')));
}

function steps(list) {
	let before = null;

	return make('ol', { class: 'ladder' }, ...list.map(({ step, text }) => {
		const first = step !== before;

		before = step;
		return make('li', { class: first ? null : 'on' },
		    make('span', { class: 'step' }, nameOf(step)),
		    make('span', {}, text));
	}));
}

function outcomes(a) {
	if (!Array.isArray(a.outcomes) || a.outcomes.length < 2)
		return [];
	return [make('p', { class: 'quiet' }, `Clients of ` +
	    `${country(a.country)} get ${plural(a.outcomes.length,
		'different answer')}; this is the one that most get.`)];
}

function show(a) {
	const where = placeWords(a.place);

	return [make('p', {}, `${a.name} ${a.type} for ${a.client}` +
	    (where === null ? '' : ` (${where})`) +
	    `, as of ${time(now(), now())} UTC`),
	...outcomes(a), answerWords(a.answer ?? { kind: a.match }),
	steps(a.steps ?? [])];
}

async function explain(event) {
	const out = find('explained');
	const text = find('explain-client').value.trim();
	const code = codeOf(text);

	event.preventDefault();
	say(out, 'Asking…');
	try {
		const answer = await ask('explain', {
			name: find('explain-name').value.trim(),
			...(code === null ? { client: text } :
			    { country: code }),
		});

		out.replaceChildren(...show(answer));
	} catch (error) {
		out.replaceChildren(make('p', { class: 'none' },
		    `Not explained: ${error.message}`));
	}
}

export function startExplain() {
	find('explain-form').addEventListener('submit', explain);
}
