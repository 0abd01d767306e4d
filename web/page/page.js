/*
 * The status page: starts its parts, and says how old and how whole is what
 * they show.
 */
import { find, keep, make, say, set } from './dom.js';
import { startExplain } from './explain.js';
import { startLists } from './lists.js';
import { startMap } from './map.js';
import { startNodes } from './nodes.js';
import { ramps, startOverrides } from './overrides.js';
import { small } from './plot.js';
import { startRegions } from './regions.js';
import { startServices } from './services.js';
import { changes, history, now, rates, retryMs, site, startSite, watch } from
	'./site.js';
import { startTheme } from './theme.js';
import { count, plural, rate, span, time } from './words.js';

/* What is shown is old when the server was silent for so long: it speaks every
 * 5 s. */
const OLD_MS = 9000;
/* Paths that are read rarely, since the stream says when. */
const RARE_MS = 60000;
/* A sentence to a screen reader no more often than that. */
const NEWS_MS = 5000;

const line = small();

/* --- at a glance */

function tile({ name }) {
	const value = make('dd'), note = make('span', { class: 'under quiet' });
	const node = make('div', {}, make('dt', {}, name));

	node.append(value, make('dd', { class: 'note' }, note));
	if (name === 'Answers a second')
		node.append(make('dd', { class: 'trend' }, line.node));
	return { node, update(t) {
		say(value, t.value);
		say(note, t.note);
		set(node, 'class', t.tone ?? '');
	} };
}

function healthWords() {
	const age = site.health?.age_ms ?? null;

	return age === null ? 'none was heard' : `health is ${span(age)} old`;
}

function figures() {
	const all = [...site.services.values()];
	const healthy = all.filter((s) => s.state === 'healthy' && !s.stale);
	const resort = all.filter((s) => s.state === 'last-resort').length;
	const sum = (name) => site.regions.reduce((n, r) =>
	    n + r.endpoints[name], 0);
	const down = sum('down');
	const fresh = site.vantages.filter((v) => v.state === 'fresh' &&
	    !v.blind).length;
	const wellRegions = site.regions.filter((r) => r.health === 'up').length;

	return [
		{ name: 'Answers a second', value: rate(site.rate),
		  note: 'of this node' },
		{ name: 'Services healthy',
		  value: `${count(healthy.length)} / ${count(all.length)}`,
		  note: resort > 0 ? `${count(resort)} on their last resort` :
		      `${count(all.length - healthy.length)} degraded`,
		  tone: resort > 0 ? 'bad' :
		      healthy.length < all.length ? 'fair' : '' },
		{ name: 'Endpoints up',
		  value: `${count(sum('up'))} / ${count(sum('total'))}`,
		  note: `${count(down)} down, ${count(sum('drained'))} drained`,
		  tone: down > 0 ? 'fair' : '' },
		{ name: 'Regions up',
		  value: `${count(wellRegions)} / ${count(site.regions.length)}`,
		  note: 'all in them is up',
		  tone: wellRegions < site.regions.length ? 'fair' : '' },
		{ name: 'Vantages fresh',
		  value: `${count(fresh)} / ${count(site.vantages.length)}`,
		  note: healthWords(),
		  tone: site.health?.stale ? 'bad' :
		      fresh < site.vantages.length ? 'fair' : '' },
		{ name: 'Said by hand', value: count(site.overrides.length),
		  note: `${plural(ramps().length, 'ramp')} on the way` },
	];
}

function drawFigures() {
	if (site.readMs.services === undefined)
		return;
	keep(find('figures'), figures(), (t) => t.name, tile);
	line.update(history.times, rates(''));
}

/* --- the age of everything */

const silenceMs = () => (site.heardMs === null ? null :
	performance.now() - site.heardMs);

function troubles() {
	const out = [], silence = silenceMs();
	const failed = Object.entries(site.failed);

	if (site.lostMs !== null && silence > 1500)
		out.push(`Connection lost: all below is ${span(silence)} old. ` +
		    'It comes back by itself.');
	else if (silence !== null && silence > OLD_MS)
		out.push(`Nothing heard for ${span(silence)}: what is below may ` +
		    'be old.');
	else if (failed.length > 0)
		out.push(`Not read: ${failed.map(([path, why]) =>
		    `${path} (${why})`).join(', ')}.`);
	if (site.trouble !== null)
		out.push(`State database: ${site.trouble}`);
	if (site.health?.stale)
		out.push(`Health is old (${healthWords()}): is meridian-probe ` +
		    'running?');
	if (site.reload?.ok === false)
		out.push('The files could not be read anew, so older ones are ' +
		    `served: ${site.reload.messages.split('\n')[0]}`);
	return out;
}

function drawAlarm() {
	const alarm = find('alarm'), all = troubles();
	const old = silenceMs() !== null && silenceMs() > OLD_MS ||
	    site.lostMs !== null && silenceMs() > 1500;

	alarm.hidden = all.length === 0;
	say(alarm, all.join(' '));
	set(document.documentElement, 'data-old', old ? 'yes' : null);
}

function drawLink() {
	const link = find('link'), silence = silenceMs();
	const retry = retryMs();
	const live = site.connected && silence !== null && silence <= OLD_MS;

	set(link, 'class', live ? 'link live' : 'link lost');
	say(link, live ? `Live, ${span(silence)} old` :
	    silence === null ? 'Connecting…' :
	    retry === null ? `No word for ${span(silence)}` :
	    `Lost, next try in ${Math.ceil(retry / 1000)} s`);
	say(find('clock'), `${time(now(), now())} UTC`);
	set(find('clock'), 'datetime', new Date(now()).toISOString());
}

/* What the stream tells of is as old as the stream's last word. */
function ageOf(path) {
	const read = site.readMs[path];

	if (read === undefined)
		return null;
	return site.connected && path !== 'traffic' ? silenceMs() :
	    performance.now() - read;
}

function drawAges() {
	for (const node of document.querySelectorAll('[data-age]')) {
		const age = ageOf(node.dataset.age);

		say(node, age === null ? '' : `${span(age)} old`);
		node.classList.toggle('old', age > RARE_MS ||
		    age > OLD_MS && !site.connected);
	}
}

function each() {
	drawLink();
	drawAges();
	drawAlarm();
}

/* --- what changed, aloud */

let waiting = [], spokeMs = -NEWS_MS, speaking = null;

function speak() {
	const [first] = waiting;
	const rest = waiting.length - 1;

	speaking = null;
	if (first === undefined)
		return;
	spokeMs = performance.now();
	say(find('news'), rest === 0 ? first :
	    `${first}; and ${plural(rest, 'further change')}`);
	waiting = [];
}

function news(text) {
	waiting.push(text);
	if (speaking === null)
		speaking = setTimeout(speak,
		    Math.max(200, spokeMs + NEWS_MS - performance.now()));
}

changes.call = (data) => {
	if (data.what === 'service')
		news(`${data.service} is ${data.after.replace('-', ' ')}`);
	else if (data.what === 'services')
		news(`${plural(data.more, 'further service')} changed`);
	else if (data.what === 'vantage')
		news(`vantage ${data.vantage} is ${data.after}`);
	else if (data.what === 'overrides')
		news('What was said by hand changed');
};

/* --- start */

startTheme();
say(find('node'), location.host);
startMap();
startRegions();
startServices();
startOverrides();
startLists();
startNodes();
startExplain();
let lost = false;
watch((what) => {
	if (what === 'link' && lost !== (site.lostMs !== null)) {
		lost = !lost;
		news(lost ? 'Connection lost' : 'Connected again');
	}
	drawFigures();
	each();
});
startSite();
setInterval(each, 1000);
each();
