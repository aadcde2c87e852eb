import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { fetcher } from './fetcher.js';
import { key, query } from './link.js';
import welcome from './welcome.graphql?raw';

const explorer = explorerPlugin();
const plugins = [HISTORY_PLUGIN, explorer];
const headers = key && JSON.stringify({ Authorization: `Bearer ${key}` }, null, 2);

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    visiblePlugin={explorer}
    defaultQuery={welcome.trimEnd()}
    initialQuery={query}
    initialHeaders={headers}
    defaultHeaders={headers}
    shouldPersistHeaders={false} // they hold the key; it stays in sessionStorage only
    defaultEditorToolsVisibility={key ? 'variables' : 'headers'}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>oms_api</GraphiQL.Logo>
  </GraphiQL>,
);
