/*
 * What is known of the site: read at the start, again when the stream says that
 * something changed, and the rates every few seconds.  Tells who watches; draws
 * nothing.
 */
import { ask, connect } from './link.js';

/* A path is not read again sooner, however often it changes; nor does reading it
 * take more than a part of the server's time. */
const GAP_MS = 400;
const PART = 5;
/* Of what changes without being told: shares, keeps, ages. */
const ALL_MS = 30000;
/* Rates are over a minute: those of twenty minutes are a plot. */
const SAMPLES = 240;
const EVENTS = 200;
const PAGE = 1000;
const PAGES = 50;

export const site = {
	services: new Map(),
	regions: [],
	vantages: [],
	share: null,      /* how this node shares, if it does */
	nodes: [],        /* that share */
	overrides: [],
	ramps: [],
	events: [],
	hand: [],         /* the last that was said by hand */
	older: null,      /* where the list of events goes on */
	countries: null,
	health: null,
	trouble: null,
	rate: null,       /* of all answers */
	windowMs: null,
	reload: null,     /* how the last one of the node's files went */
	connected: false,
	heardMs: null,    /* performance.now() of the last word of the server */
	lostMs: null,
	readMs: {},       /* of each path */
	failed: {},       /* why a path could not be read */
};

let link = null, aheadMs = null;
const watchers = [];

/* watch(call): call(what) after ${what} was read: a path, or 'link'. */
export const watch = (call) => watchers.push(call);

function tell(what) {
	for (const call of watchers)
		call(what);
}

/* The time of the server, by the last that it said. */
export const now = () =>
	(aheadMs === null ? Date.now() : performance.now() + aheadMs);

export const retryMs = () => link?.retryMs() ?? null;

function heard(nowMs) {
	site.heardMs = performance.now();
	if (nowMs !== undefined)
		aheadMs = nowMs - site.heardMs;
}

/* The rates since the page was opened: one number of each series for each
 * time. */
export const history = { times: [], series: new Map() };

const seriesOf = (service, region) => `${service}\n${region}`;

/* numbers = rates(service, region): one for each time; region '' is all, of
 * service '' too. */
export const rates = (service, region = '') =>
	history.series.get(seriesOf(service, region)) ?? [];

function note(key, value) {
	let list = history.series.get(key);

	if (list === undefined) {
		list = new Array(history.times.length - 1).fill(0);
		history.series.set(key, list);
	}
	list.push(value ?? 0);
}

function sample(total, services) {
	history.times.push(performance.now());
	note(seriesOf('', ''), total);
	for (const s of services) {
		note(seriesOf(s.service, ''), s.answers_per_second);
		for (const [region, value] of Object.entries(s.regions))
			note(seriesOf(s.service, region), value);
	}
	for (const list of history.series.values()) {
		if (list.length < history.times.length)
			list.push(0);
		if (list.length > SAMPLES)
			list.shift();
	}
	if (history.times.length > SAMPLES)
		history.times.shift();
}

async function whole(path, list, words = {}) {
	const items = [];
	let page = null, after = null;

	for (let i = 0; i < PAGES; i++) {
		page = await ask(path, { ...words, after, limit: PAGE });
		items.push(...page[list]);
		after = page.next;
		if (after === null)
			break;
	}
	return { ...page, [list]: items };
}

const readers = {
	async services() {
		const all = await whole('services', 'services');

		site.services = new Map(all.services.map((s) =>
		    [s.service, s]));
		site.health = all.health;
		site.rate = all.answers_per_second;
		site.windowMs = all.window_ms;
		return all;
	},
	async regions() {
		const all = await ask('regions');

		site.regions = all.regions.sort((a, b) =>
		    (a.region < b.region ? -1 : 1));
		return all;
	},
	async vantages() {
		const all = await ask('vantages');

		site.vantages = all.vantages;
		site.trouble = all.trouble;
		return all;
	},
	async nodes() {
		const all = await ask('nodes');

		site.share = all.share;
		site.nodes = all.nodes;
		return all;
	},
	async overrides() {
		const all = await ask('overrides');

		site.overrides = all.overrides;
		site.ramps = all.ramps;
		return all;
	},
	async events() {
		const all = await ask('events', { limit: 100 });

		site.events = all.events;
		site.hand = all.hand;
		site.older = all.next;
		return all;
	},
	async traffic() {
		const all = await whole('traffic', 'services');
		const first = await countriesOf(all);

		site.rate = all.answers_per_second;
		site.countries = first;
		for (const s of all.services) {
			const known = site.services.get(s.service);

			if (known !== undefined)
				known.answers_per_second = s.answers_per_second;
		}
		sample(all.answers_per_second, all.services);
		return all;
	},
	async reload() {
		site.reload = (await ask('reload')).reload;
		return {};
	},
};

/* Countries are on the first page alone: a list of one page is the first. */
async function countriesOf(all) {
	if (all.countries !== null && all.countries !== undefined)
		return all.countries;
	if (all.services.length <= PAGE)
		return null;
	return (await ask('traffic', { limit: 1 })).countries;
}

const reading = new Map();

/* want(path): read it soon; once, however often it is wanted. */
export function want(path) {
	const job = reading.get(path);

	if (job !== undefined) {
		job.again = true;
		return;
	}
	reading.set(path, { again: false });
	read(path);
}

async function read(path) {
	const began = performance.now();

	try {
		const answer = await readers[path]();

		heard(answer.now_ms);
		site.readMs[path] = performance.now();
		delete site.failed[path];
	} catch (error) {
		site.failed[path] = error.message;
	}
	const took = performance.now() - began;

	tell(path);
	setTimeout(() => {
		const again = reading.get(path).again;

		reading.delete(path);
		if (again)
			want(path);
	}, Math.max(GAP_MS, took * PART));
}

/* Older events than those at hand. */
export async function readOlder() {
	const more = await ask('events', { after: site.older, limit: 100 });

	site.events.push(...more.events);
	site.older = more.next;
	tell('events');
}

const ALL = Object.keys(readers);

/* What was said by hand is among events some time after it is in force. */
const HAND_MS = 2000;

/* What another of each kind makes worth reading again. */
const FOLLOWS = {
	endpoint: ['regions', 'services'],
	endpoints: ['regions', 'services'],
	service: ['services'],
	services: ['services'],
	overrides: ['overrides', 'services', 'regions'],
	vantage: ['vantages'],
	all: ALL,
	files: ALL,
};

/* Who watches changes themselves, to tell of them. */
export const changes = { call: () => {} };

function change(data) {
	const service = site.services.get(data.service);

	heard(data.at_ms);
	if (data.what === 'service' && service !== undefined) {
		service.state = data.after;
		tell('services');
	}
	(FOLLOWS[data.what] ?? ALL).forEach(want);
	if (data.what === 'overrides')
		setTimeout(() => want('events'), HAND_MS);
	changes.call(data);
}

function event(data) {
	heard();
	if (site.events.some((e) => e.sequence === data.sequence))
		return;
	site.events.unshift(data);
	site.events.sort((a, b) => b.sequence - a.sequence);
	site.events.length = Math.min(site.events.length, EVENTS);
	tell('events');
}

function tick(data) {
	heard(data.at_ms);
	site.health = data.health;
	site.rate = data.answers_per_second;
	for (const v of data.vantages) {
		const known = site.vantages.find((x) =>
		    x.vantage === v.vantage);

		Object.assign(known ?? {}, v);
		if (known === undefined)
			want('vantages');
	}
	site.readMs.vantages = performance.now();
	tell('vantages');
	if (document.hidden)
		return;
	/* Their ages and links come with no change. */
	if (site.share !== null)
		want('nodes');
	want('traffic');
	if (performance.now() - (site.readMs.services ?? 0) > ALL_MS)
		['services', 'regions', 'overrides'].forEach(want);
}

export function startSite() {
	ALL.forEach(want);
	link = connect({
		open() {
			heard();
			site.connected = true;
			site.lostMs = null;
			ALL.forEach(want);
			tell('link');
		},
		/* Called after each try: where as many read along as may, the
		 * page is read anew as often as it tries. */
		lost() {
			site.connected = false;
			if (site.lostMs === null)
				site.lostMs = performance.now();
			if (!document.hidden)
				ALL.forEach(want);
			tell('link');
		},
		change,
		event,
		tick,
	});
	document.addEventListener('visibilitychange', () => {
		if (!document.hidden)
			ALL.forEach(want);
	});
}
