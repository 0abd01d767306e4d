/*
 * Light or dark: as the system says, or as the reader chose here, which this
 * browser remembers.
 */
import { find, set } from './dom.js';

const KEY = 'meridian.theme';
const CHOICES = ['auto', 'light', 'dark'];

function stored() {
	try {
		return localStorage.getItem(KEY);
	} catch {
		return null;
	}
}

function choose(theme) {
	set(document.documentElement, 'data-theme',
	    theme === 'auto' ? null : theme);
	find('theme').value = theme;
}

export function startTheme() {
	const before = stored();

	choose(CHOICES.includes(before) ? before : 'auto');
	find('theme').addEventListener('change', () => {
		choose(find('theme').value);
		try {
			localStorage.setItem(KEY, find('theme').value);
		} catch {
			/* It holds until the page is closed. */
		}
	});
}
