import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

import { key } from './link.js';

const http = new URL('/graphql', location.origin);
const socket = new URL(http);
socket.protocol = http.protocol === 'https:' ? 'wss:' : 'ws:';

// One socket per subscription, opened with the headers as they stand in the editor now: connection_init is sent once per
// socket, so a shared one would keep an old key. The server reads its names in lower case.
function connectionParams(headers = {}) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

// GraphiQL asks for the schema before its header editor is filled, and the server tells strangers nothing.
function withKey(options) {
  return options.headers || !key ? options : { ...options, headers: { Authorization: `Bearer ${key}` } };
}

export function fetcher(operation, given = {}) {
  const options = withKey(given);
  const wsClient = createClient({
    url: socket.href,
    connectionParams: connectionParams(options.headers),
    retryAttempts: 0, // a person is watching: show what went wrong instead of trying again unseen
  });
  return createGraphiQLFetcher({ url: http.href, wsClient, enableIncrementalDelivery: false })(operation, options);
}
