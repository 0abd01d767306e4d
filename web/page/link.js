/*
 * What comes from the server: JSON when it is asked for, and the stream of
 * changes, which comes back by itself.  Knows how old the last word is; draws
 * nothing.
 */

/* The stream says something every 5 s: twice that and a little is too long. */
const SILENCE_MS = 12000;
/* Before the stream is opened anew: at once, then less and less often. */
const WAITS_MS = [500, 1000, 2000, 4000, 8000];

/* json = ask(path, arguments): reads api/v1/PATH; throws an Error that says what
 * the server said. */
export async function ask(path, words = {}) {
	const query = new URLSearchParams(Object.entries(words).filter(
	    ([, value]) => value !== null && value !== ''));
	const text = query.size > 0 ? `?${query}` : '';
	const response = await fetch(`api/v1/${path}${text}`,
	    { cache: 'no-store' });
	let body = null;

	try {
		body = await response.json();
	} catch {
		throw new Error(`status ${response.status} without an answer`);
	}
	if (!response.ok)
		throw new Error(body.error ?? `status ${response.status}`);
	return body;
}

/*
 * link = connect(calls): opens the stream.  calls.open() when it is there,
 * calls.lost() when it is not any more, calls.change(data), calls.event(data)
 * and calls.tick(data).  link.retryMs() is when the next try is due, null while
 * it is there.
 */
export function connect(calls) {
	let source = null, tries = 0, timer = null, due = null, silence = null;

	const heard = () => {
		clearTimeout(silence);
		silence = setTimeout(again, SILENCE_MS);
	};
	const tell = (call) => (message) => {
		heard();
		call(JSON.parse(message.data));
	};

	function open() {
		due = null;
		source = new EventSource('api/v1/stream');
		source.addEventListener('open', () => {
			tries = 0;
			heard();
			calls.open();
		});
		source.addEventListener('error', again);
		source.addEventListener('change', tell(calls.change));
		source.addEventListener('event', tell(calls.event));
		source.addEventListener('tick', tell(calls.tick));
		heard();
	}

	function again() {
		const wait = WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)];

		source.close();
		clearTimeout(silence);
		clearTimeout(timer);
		calls.lost();
		due = performance.now() + wait;
		timer = setTimeout(open, wait);
	}

	open();
	return {
		retryMs: () => (due === null ? null :
		    Math.max(0, due - performance.now())),
	};
}
