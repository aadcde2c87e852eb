// A link to this page may carry #key=<API key> and &query=<document>. A fragment never leaves the browser, unlike a query
// string; the key then lives as long as the browser tab and is taken out of the address bar at once.
const KEY = 'oms_api.key';

function readLink() {
  const fragment = location.hash.slice(1);
  const key = /(?:^|&)key=([^&]*)/.exec(fragment)?.[1]; // by hand: URLSearchParams would turn a + of the key into a space
  const query = new URLSearchParams(fragment).get('query');
  if (key !== undefined) sessionStorage.setItem(KEY, decodeURIComponent(key));
  if (key !== undefined || query !== null) history.replaceState(null, '', location.pathname + location.search);
  return { key: sessionStorage.getItem(KEY) || undefined, query: query ?? undefined };
}

export const { key, query } = readLink();

// The same link pasted into an open tab changes only the fragment, which alone would load nothing.
addEventListener('hashchange', () => /(?:^#|&)(?:key|query)=/.test(location.hash) && location.reload());
